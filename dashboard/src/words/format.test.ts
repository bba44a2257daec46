// @vitest-environment jsdom
import { afterEach, expect, it } from "vitest";
import { clockText, dateText, minuteText, numberText, timeText } from "./format";
import { language } from "./language";

const ns = (...parts: [number, number, number, number, number, number]): number =>
  new Date(...parts).getTime() * 1e6;
const MORNING = ns(2026, 10, 3, 8, 5, 9);
const before = language.value;
afterEach(() => (language.value = before));

it("writes as many decimals as the range deserves, and no sign before what rounds to nothing", () => {
  expect(numberText(-0.04, 1000)).toBe("0");
  expect(numberText(-0.004)).toBe("0.00");
  expect(numberText(-0.04)).toBe("-0.04");
  expect(numberText(11.894, 12)).toBe("11.89");
  expect(numberText(Number.NaN)).toBe("—");
});

it.each(["zh", "en"] as const)("writes days and clock times in the order of ISO 8601 (%s)", (chosen) => {
  language.value = chosen;
  expect(dateText(MORNING)).toBe("2026-11-03");
  expect(clockText(MORNING)).toBe("08:05:09");
  expect(clockText(ns(2026, 10, 3, 0, 0, 0))).toBe("00:00:00");
  expect(minuteText(MORNING)).toBe("2026-11-03 08:05");
});

it("leaves out of a moment the day of today and the year of this year", () => {
  const at = (...day: [number, number, number]): number => new Date(...day, 23, 59, 59).getTime();
  expect(timeText(MORNING, at(2026, 10, 3))).toBe("08:05:09");
  expect(timeText(MORNING, at(2026, 10, 4))).toBe("11-03 08:05:09");
  expect(timeText(MORNING, at(2027, 0, 1))).toBe("2026-11-03 08:05:09");
});
