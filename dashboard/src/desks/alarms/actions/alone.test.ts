import { describe, expect, it } from "vitest";
import { alarmSample } from "../sample";
import { aloneS } from "./alone";

const policy = { gas_fault_shelve_alone_s: 3600 };

describe("what one person may hide alone", () => {
  it("is an ordinary alarm, as long as the policy allows", () => {
    expect(aloneS(alarmSample(), "shelve", policy, "level")).toBeNull();
  });
  it("is never second-level gas", () => {
    expect(aloneS(alarmSample({ second_level_gas: true }), "shelve", policy, "combustible_gas")).toBe(0);
  });
  it("is never an urgent alarm of the system, or of a rule that nobody knows", () => {
    expect(aloneS(alarmSample({ alarm_class: "system" }), "shelve", policy, undefined)).toBe(0);
    expect(aloneS(alarmSample({ rule_known: false }), "remove", policy, "level")).toBe(0);
    expect(aloneS(alarmSample({ alarm_class: "system", priority: "LOW" }), "shelve", policy, "")).toBeNull();
  });
  it("is a gas detector's own fault for a while, and never out of service", () => {
    const fault = alarmSample({ alarm_class: "instrument" });
    expect(aloneS(fault, "shelve", policy, "toxic_gas")).toBe(3600);
    expect(aloneS(fault, "remove", policy, "toxic_gas")).toBe(0);
  });
});
