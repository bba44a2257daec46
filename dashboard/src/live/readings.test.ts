// @vitest-environment jsdom
import { beforeAll, describe, expect, test, vi } from "vitest";
import type { Newest } from "./desk";

const POINT = { id: "E001/TK101.LT01", period_s: 1, in_use: true };
const newest = (quality: string): Newest => ({ gateway: "GW1", sourceTime: 0, value: 5, quality });
let readingOf: typeof import("./readings").readingOf;

beforeAll(async () => {
  // jsdom does not know it; the theme asks for it.
  vi.stubGlobal("matchMedia", () => ({ matches: false, addEventListener: () => undefined }));
  ({ readingOf } = await import("./readings"));
});

describe("what a newest value is worth", () => {
  test.each([
    ["good", 1, "good", 5],
    ["good", 8, "late", 5],
    ["uncertain", 1, "doubtful", 5],
    ["good", 61, "silent", null],
    ["bad_sensor_failure", 1, "bad", null],
    ["bad_sensor_failure", 100, "silent", null],
  ])("%s and %i s old is %s", (quality, age, grade, value) => {
    expect(readingOf(POINT, newest(quality), age)).toMatchObject({ grade, value });
  });
  test("a point that was never heard of, or whose age is unknown, shows nothing", () => {
    expect(readingOf(POINT, undefined, null)).toMatchObject({ grade: "silent", value: null });
    expect(readingOf(POINT, newest("good"), null)).toMatchObject({ grade: "silent", value: null });
  });
  test("a slow instrument is late by its own period", () => {
    expect(readingOf({ ...POINT, period_s: 60 }, newest("good"), 100).grade).toBe("good");
    expect(readingOf({ ...POINT, period_s: 60 }, newest("good"), 250).grade).toBe("late");
  });
  test("out of service is told before anything else", () => {
    expect(readingOf({ ...POINT, in_use: false }, newest("good"), 1)).toMatchObject({
      grade: "unused",
      value: null,
    });
  });
});
