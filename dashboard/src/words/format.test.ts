// @vitest-environment jsdom
import { expect, it } from "vitest";
import { numberText } from "./format";

it("writes as many decimals as the range deserves, and no sign before what rounds to nothing", () => {
  expect(numberText(-0.04, 1000)).toBe("0");
  expect(numberText(-0.004)).toBe("0.00");
  expect(numberText(-0.04)).toBe("-0.04");
  expect(numberText(11.894, 12)).toBe("11.89");
  expect(numberText(Number.NaN)).toBe("—");
});
