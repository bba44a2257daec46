// @vitest-environment jsdom
import { describe, expect, it } from "vitest";
import { alarmSample } from "../sample";
import { loudest, soundingOf } from "./sounding";

const answered = { by: "李娜", time: 1, comment: "" };

describe("a horn", () => {
  it("sounds for what nobody has answered, with the tone of the most urgent", () => {
    const alarms = [alarmSample({ id: "a" }), alarmSample({ id: "b", priority: "CRITICAL" })];
    expect(soundingOf("E001", alarms, null)).toMatchObject({ priority: "CRITICAL", alarms: 2 });
  });
  it("is silent for answered, hidden, quiet and advisory ones, and for those of other desks", () => {
    const alarms = [
      alarmSample({ acknowledged: answered }),
      alarmSample({ state: "SHLVD" }),
      alarmSample({ quiet: true }),
      alarmSample({ alarm_class: "advisory" }),
      alarmSample({ enterprise: "E002" }),
    ];
    expect(soundingOf("E001", alarms, null)).toBeNull();
  });
  it("hears the conditions of the service itself", () => {
    expect(soundingOf("E001", [alarmSample({ enterprise: "" })], null)).not.toBeNull();
  });
  it("is silent after a silence until something newer is told", () => {
    const old = alarmSample({ id: "old", priority: "CRITICAL", annunciated_time: 10 });
    expect(soundingOf("E001", [old], 10)).toBeNull();
    const next = alarmSample({ id: "next", priority: "LOW", annunciated_time: 11 });
    expect(soundingOf("E001", [old, next], 10)).toMatchObject({ priority: "LOW", alarms: 2, newest: next });
  });
});

it("is as loud as the most urgent desk that one listens to", () => {
  const newest = alarmSample();
  const low = { priority: "LOW" as const, alarms: 1, newest };
  const high = { priority: "HIGH" as const, alarms: 1, newest };
  expect(loudest([low, high])).toBe(high);
  expect(loudest([])).toBeNull();
});
