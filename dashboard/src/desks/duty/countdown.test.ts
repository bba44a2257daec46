import { describe, expect, it } from "vitest";
import { clockLeft, countdown } from "./countdown";

const SECOND = 1e9;

describe("countdown", () => {
  it("empties from its beginning to its deadline", () => {
    const at = (second: number) => countdown(100 * SECOND, 400 * SECOND, second * 1000);
    expect(at(100)).toEqual({ leftS: 300, share: 1, passed: false });
    expect(at(250).share).toBe(0.5);
    expect(at(400)).toEqual({ leftS: 0, share: 0, passed: true });
    expect(at(460)).toEqual({ leftS: -60, share: 0, passed: true });
  });

  it("is never more than whole when the browser's clock is behind", () => {
    expect(countdown(100 * SECOND, 400 * SECOND, 40_000).share).toBe(1);
  });

  it("has nothing left of a time of no length", () => {
    expect(countdown(100 * SECOND, 100 * SECOND, 100_000)).toEqual({ leftS: 0, share: 0, passed: true });
  });
});

describe("clockLeft", () => {
  it("shows minutes and seconds, and hours when there are some", () => {
    expect(clockLeft(245)).toBe("4:05");
    expect(clockLeft(3729)).toBe("1:02:09");
  });

  it("shows the last second until it has passed, and never less than nothing", () => {
    expect(clockLeft(0.2)).toBe("0:01");
    expect(clockLeft(0)).toBe("0:00");
    expect(clockLeft(-12)).toBe("0:00");
  });
});
