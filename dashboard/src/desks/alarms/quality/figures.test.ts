// @vitest-environment jsdom
import { expect, it } from "vitest";
import { setLanguage } from "@/words/language";
import { figureText, unitOf } from "./figures";

it("writes shares in per cent, seconds as a span and counts without decimals", () => {
  setLanguage("en");
  expect(figureText(0.125, "比例 ‖ share")).toBe("12.5 %");
  expect(figureText(90, "秒 ‖ s")).toBe("1 min 30 s");
  expect(figureText(4, "条 ‖ alarms")).toBe("4");
  expect(figureText(0.000926, "条 ‖ alarms")).toBe("0.00093");
  expect(figureText(null, "条 ‖ alarms")).toBe("—");
});
it("names the unit in the language of now", () => {
  setLanguage("zh");
  expect(unitOf("每10分钟 ‖ per 10 min")).toBe("每10分钟");
  setLanguage("en");
  expect(unitOf("每10分钟 ‖ per 10 min")).toBe("per 10 min");
  expect(unitOf("比例 ‖ share")).toBe("");
});
