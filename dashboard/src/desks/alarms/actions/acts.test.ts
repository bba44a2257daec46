// @vitest-environment jsdom
import { describe, expect, it, vi } from "vitest";
import { alarmSample } from "../sample";
import { allowed } from "./acts";

vi.mock("@/service/session", () => ({
  may: () => true,
  person: { value: { name: "li" } },
  session: { person: { name: "li" } },
}));
const acknowledged = { by: "li", time: 1_001e9, comment: "" };

describe("what is offered for an alarm with a latch", () => {
  it("is to tell what was done, and no reset, while its condition goes on", () => {
    const alarm = alarmSample({ state: "ACKED", latched: true, acknowledged });
    expect(allowed(alarm)).toContain("confirm");
    expect(allowed(alarm)).not.toContain("reset");
  });
  it("is a reset when only the latch holds it", () => {
    const alarm = alarmSample({ state: "LACKED", latched: true, latch_holds: true, acknowledged });
    expect(allowed(alarm)).toContain("reset");
  });
  it("is no reset before somebody has acknowledged it", () => {
    const alarm = alarmSample({ state: "LUNACK", latched: true, latch_holds: true });
    expect(allowed(alarm)).not.toContain("reset");
    expect(allowed(alarm)).toContain("acknowledge");
  });
});
