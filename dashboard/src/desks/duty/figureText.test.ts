// @vitest-environment jsdom
import { describe, expect, it } from "vitest";
import { setLanguage } from "@/words/language";
import { barShare, basisText, countText, direction, isTooShort, linePaths } from "./figureText";

describe("what a figure was computed from", () => {
  it("is always said, also where a part of it is not known", () => {
    expect(basisText({ numerator: 12, denominator: 34 })).toBe("12 / 34");
    expect(basisText({ numerator: null, denominator: 7 })).toBe("— / 7");
    expect(countText(1234567.89)).toBe("1,234,568");
    expect(countText(1.25)).toBe("1.3");
  });
});

describe("a figure of point-time", () => {
  it("is counted in point-hours, and says so in the reader's language", () => {
    setLanguage("zh");
    expect(basisText({ numerator: 1400, denominator: 1440 }, "online_rate")).toBe("0.39 / 0.40 点·小时");
    setLanguage("en");
    expect(basisText({ numerator: 0, denominator: 360_000 }, "online_rate")).toBe("0 / 100 point-hours");
    expect(basisText({ numerator: 3, denominator: 4 }, "close_rate")).toBe("3 / 4");
  });

  it("is too short when less than a hundredth of its span is known", () => {
    expect(isTooShort({ value: 1, covered: 0.009 })).toBe(true);
    expect(isTooShort({ value: 1, covered: 0.01 })).toBe(false);
    expect(isTooShort({ value: 1, covered: null })).toBe(false);
    expect(isTooShort({ value: null, covered: 0 })).toBe(false);
  });
});

describe("the direction of a change", () => {
  it("depends on what is better", () => {
    expect(direction(0.1, "higher", "share")).toBe("better");
    expect(direction(0.1, "lower", "share")).toBe("worse");
    expect(direction(-30, "lower", "s")).toBe("better");
  });

  it("is none when rounding hides it or nothing is known", () => {
    expect(direction(0.0001, "higher", "share")).toBe("same");
    expect(direction(null, "higher", "share")).toBe("unknown");
  });
});

describe("bars and lines", () => {
  it("show shares as they are and other values against the greatest", () => {
    expect(barShare(0.25, "share", 99)).toBe(0.25);
    expect(barShare(30, "s", 120)).toBe(0.25);
    expect(barShare(null, "s", 120)).toBeNull();
    expect(barShare(0, "points", 0)).toBe(0);
  });

  it("break where there is no value", () => {
    expect(linePaths([0, 1, null, 0.5], 30, 10)).toEqual(["M0.0 10.0L10.0 0.0", "M30.0 5.0"]);
    expect(linePaths([null, null], 30, 10)).toEqual([]);
  });
});
