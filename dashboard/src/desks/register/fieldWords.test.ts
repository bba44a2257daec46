// @vitest-environment jsdom
import { afterEach, describe, expect, it } from "vitest";
import { fieldName } from "@/desks/rules/kindWords";
import { setLanguage } from "@/words/language";
import { pointFieldName, ruleName } from "./fieldWords";

afterEach(() => {
  setLanguage("zh");
});

describe("names of what a register holds", () => {
  it("says limits, set-points and rules in the reader's language", () => {
    const said = (): string[] => [
      pointFieldName("limits.H"),
      fieldName("when.setpoint"),
      ruleName("E001/TK101.LT01.TO_H"),
    ];
    expect(said()).toEqual(["高限", "设定值", "预计到达高限"]);
    setLanguage("en");
    expect(said()).toEqual(["High limit", "Set-point", "High expected"]);
  });

  it("leaves a name that the site gave to the site", () => {
    expect(ruleName("E001/TK101.LT01.OWN")).toBe("");
    expect(pointFieldName("colour")).toBe("colour");
  });
});
