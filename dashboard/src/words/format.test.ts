// @vitest-environment jsdom
import { expect, it } from "vitest";
import { minuteText, numberText } from "./format";

it("writes as many decimals as the range deserves, and no sign before what rounds to nothing", () => {
  expect(numberText(-0.04, 1000)).toBe("0");
  expect(numberText(-0.004)).toBe("0.00");
  expect(numberText(-0.04)).toBe("-0.04");
  expect(numberText(11.894, 12)).toBe("11.89");
  expect(numberText(Number.NaN)).toBe("—");
});

it("says the day and the minute of a shift, also of today, and the year of another", () => {
  const today = new Date(2026, 10, 23, 8, 0, 0).getTime();
  expect(minuteText(today * 1e6, today)).toMatch(/11\D23 08:00$|23\D11 08:00$/);
  expect(minuteText(today * 1e6, new Date(2027, 0, 2).getTime())).toContain("2026");
});
