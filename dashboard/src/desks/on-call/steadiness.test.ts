import { beforeEach, describe, expect, it } from "vitest";
import { Steadiness } from "./steadiness";

const BUTTON = {};
const HEIGHT = 54;
let now = 0;
let steadiness: Steadiness;

beforeEach(() => {
  now = 10_000;
  steadiness = new Steadiness(() => now);
  steadiness.see(BUTTON, 495, HEIGHT);
  now += 5000;
});

describe("Steadiness", () => {
  it("takes a tap on a button that stands still", () => {
    expect(steadiness.takes(BUTTON)).toBe(true);
  });
  it("takes none on a button that has just come", () => {
    const late = {};
    steadiness.see(late, 700, HEIGHT);
    expect(steadiness.takes(late)).toBe(false);
  });
  it("takes the second tap of a double tap on what slid under the thumb for nothing", () => {
    steadiness.see(BUTTON, 444, HEIGHT);
    now += 250;
    expect(steadiness.takes(BUTTON)).toBe(false);
    now += 450;
    expect(steadiness.takes(BUTTON)).toBe(true);
  });
  it("calls a line that wraps above it no move, and many of them one", () => {
    steadiness.see(BUTTON, 519, HEIGHT);
    expect(steadiness.takes(BUTTON)).toBe(true);
    steadiness.see(BUTTON, 543, HEIGHT);
    expect(steadiness.takes(BUTTON)).toBe(false);
  });
  it("takes who taps again after a refusal, even if the page never rests", () => {
    steadiness.see(BUTTON, 300, HEIGHT);
    expect(steadiness.takes(BUTTON)).toBe(false);
    now += 300;
    steadiness.see(BUTTON, 500, HEIGHT);
    expect(steadiness.takes(BUTTON)).toBe(false);
    now += 500;
    steadiness.see(BUTTON, 300, HEIGHT);
    expect(steadiness.takes(BUTTON)).toBe(true);
  });
});
