// @vitest-environment jsdom
import { beforeEach, describe, expect, it } from "vitest";
import { timeText } from "@/words/format";
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

describe("what went with an act", () => {
  const said = (action: string, text: string): string =>
    sentenceOf({ actor: "service", action, subject: "s", text }).said;

  it("is read from the forms in which the service writes it", () => {
    expect(said("session.login", "session ab12 from 127.0.0.1")).toBe("：会话 ab12，来自 127.0.0.1");
    expect(said("user.add", "operator, auditor for everything")).toBe("：中控室值班员、审计员（全部企业）");
    expect(said("level.adjust", "orange: 现场冒烟")).toBe("：橙色 · 现场冒烟");
    setLanguage("en");
    expect(said("shift.offer", "to 李娜")).toBe(": to 李娜");
    expect(said("session.refused", "wrong password, from ::1")).toBe(": wrong password, from ::1");
  });
  it("is told of a message that was read again, in the form of before and of now", () => {
    expect(said("quarantine.retry", "0 samples; no such tag")).toBe("：取用 0 个样本；“no such tag”");
    expect(said("quarantine.retry", "取用 1 个样本 ‖ 1 samples taken")).toBe("：取用 1 个样本");
  });
  it("names what a proposal is about, and the facts of a rule", () => {
    const text = "E001/T1.H when.deadband: 0.6 → 0.8；回放 每天报警 0 → 0 次";
    expect(said("limit.propose", text)).toBe("：E001/T1.H 死区：0.6 → 0.8；回放 每天报警 0 → 0 次");
    expect(said("approval.propose", "limit E001：更改限值")).toBe("：报警限值 E001：更改限值");
    setLanguage("en");
    expect(said("limit.propose", "E001/T1.H when.deadband: 0.6 → 0.8; x")).toContain("Deadband: 0.6 → 0.8");
  });
  it("has times instead of nanoseconds", () => {
    const until = 1_795_370_000_000_000_000;
    expect(said("shelve", `检修; until ${until}; agreed by 李娜`)).toBe(
      `：检修；至 ${timeText(until)}；李娜 同意`,
    );
  });
  it("is the reader's half where it has two", () => {
    expect(said("reset_refused", "未复位 ‖ not reset")).toBe("：未复位");
    setLanguage("en");
    expect(said("reset_refused", "未复位 ‖ not reset")).toBe(": not reset");
  });
  it("stays as a person wrote it", () => {
    expect(said("acknowledge", "to be looked at for everything")).toBe("：to be looked at for everything");
  });
});

describe("a moment that was typed", () => {
  it("is local time in ns UTC, and nothing while it is empty", () => {
    expect(instantOf("")).toBeUndefined();
    expect(instantOf("2026-01-05T08:00")).toBe(new Date(2026, 0, 5, 8).getTime() * 1e6);
  });
});
