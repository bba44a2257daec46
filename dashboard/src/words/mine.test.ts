// @vitest-environment jsdom
import { afterEach, describe, expect, test } from "vitest";
import { language } from "./language";
import { kept, mine } from "./mine";

const BOTH = "演示用虚构人员 ‖ invented, for the demonstration";

afterEach(() => {
  language.value = "zh";
});

describe("texts in both languages", () => {
  test("each reader sees his half, and what a person entered as it is", () => {
    language.value = "zh";
    expect(mine(BOTH)).toBe("演示用虚构人员");
    expect(mine("夜班找我")).toBe("夜班找我");
    language.value = "en";
    expect(mine(BOTH)).toBe("invented, for the demonstration");
  });

  test("a form that left the text alone saves both halves", () => {
    expect(kept(BOTH, "演示用虚构人员")).toBe(BOTH);
    expect(kept(BOTH, "invented, for the demonstration")).toBe(BOTH);
  });

  test("a form whose text was changed saves what was typed", () => {
    expect(kept(BOTH, "夜班找我")).toBe("夜班找我");
    expect(kept(BOTH, "")).toBe("");
    expect(kept(undefined, "夜班找我")).toBe("夜班找我");
    expect(kept(null, "")).toBe("");
  });
});
