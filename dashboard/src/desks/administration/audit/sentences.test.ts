// @vitest-environment jsdom
import { beforeEach, describe, expect, it } from "vitest";
import { setLanguage } from "@/words/language";
import { instantOf, sentenceOf, whoText } from "./sentences";

beforeEach(() => setLanguage("zh"));

describe("an act as a sentence", () => {
  it("names the person without the kind, and says what was done", () => {
    const act = { actor: "operator:张伟", action: "acknowledge", subject: "a1", text: "已派人" };
    expect(sentenceOf(act)).toEqual({ who: "张伟", did: "确认了报警", what: "a1", said: "：已派人" });
  });
  it("follows the language", () => {
    setLanguage("en");
    expect(sentenceOf({ actor: "service", action: "warning.overdue", subject: "w", text: "" }).who).toBe(
      "The service",
    );
  });
  it("shows an act that it does not know as it is called", () => {
    const act = { actor: "robot:x", action: "new_kind.of-act", subject: "s", text: "" };
    expect(sentenceOf(act)).toMatchObject({ who: "robot:x", did: "new kind of act" });
  });
  it("keeps what follows the first colon of an actor whole", () => {
    expect(whoText("gateway:a:b")).toBe("网关 a:b");
  });
});

describe("a moment that was typed", () => {
  it("is local time in ns UTC, and nothing while it is empty", () => {
    expect(instantOf("")).toBeUndefined();
    expect(instantOf("2026-01-05T08:00")).toBe(new Date(2026, 0, 5, 8).getTime() * 1e6);
  });
});
