// @vitest-environment jsdom
import { expect, it } from "vitest";
import { lowerThan } from "./beginsAt";
import { warning } from "./caseWords";

it("names the colours that begin no warning, the least urgent first", () => {
  expect(lowerThan("yellow")).toEqual(["blue"]);
  expect(lowerThan("orange")).toEqual(["blue", "yellow"]);
  expect(lowerThan("blue")).toEqual([]);
});

it("says from which colour on a warning begins, and only then what the lower ones do", () => {
  expect(warning.zh.beginsAt("黄色", "蓝色", "默认值，不是法规")).toBe(
    "重大危险源达到黄色及以上时自动生成预警，由监管签收、企业反馈、核实后闭环；蓝色只在风险一张图上显示（默认值，不是法规）。",
  );
  expect(warning.zh.beginsAt("蓝色", "", "本市规定")).not.toContain("只在风险一张图");
  expect(warning.en.beginsAt("Yellow", "Blue", "default")).toContain("yellow or above");
});
