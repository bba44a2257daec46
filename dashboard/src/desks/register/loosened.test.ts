// @vitest-environment jsdom
import { afterEach, describe, expect, it } from "vitest";
import { setLanguage } from "@/words/language";
import { loosenedText } from "./loosened";

afterEach(() => {
  setLanguage("zh");
});

describe("what takes a second person", () => {
  it("is said with the names of fields", () => {
    const line = "yard/TK1.LT1 changed; range_high: 12 → 11; when.setpoint: 9 → 9.5";
    expect(loosenedText(line)).toBe("yard/TK1.LT1 修改；量程上限：12 → 11；设定值：9 → 9.5");
    expect(loosenedText("yard/TK1.TT1 removed")).toBe("yard/TK1.TT1 删除");
    expect(loosenedText("and 3 more")).toBe("另有 3 项");
    setLanguage("en");
    expect(loosenedText("yard/TK1.H disabled")).toBe("yard/TK1.H switched off");
  });
  it("stays as it is where it is something else", () => {
    expect(loosenedText("the pump was removed")).toBe("the pump was removed");
  });
});
