// @vitest-environment jsdom
import { describe, expect, it } from "vitest";
import { alarmSample } from "../sample";
import { respondBy, sections } from "./sections";

const answered = { by: "李娜", time: 1, comment: "" };

describe("tabs of the alarm list", () => {
  const alarms = [
    alarmSample({ id: "low", priority: "LOW" }),
    alarmSample({ id: "taken", priority: "CRITICAL", state: "ACKED", acknowledged: answered }),
    alarmSample({ id: "worst", priority: "CRITICAL" }),
    alarmSample({ id: "aside", state: "SHLVD" }),
    alarmSample({ id: "trend", alarm_class: "advisory" }),
    alarmSample({ id: "fault", alarm_class: "instrument" }),
  ];
  it("stand in the order of urgency, what nobody has answered first", () => {
    expect(sections(alarms).open.map((a) => a.id)).toEqual(["worst", "taken", "fault", "low"]);
  });
  it("leave out of the unacknowledged what somebody has answered", () => {
    expect(sections(alarms).unanswered.map((a) => a.id)).toEqual(["worst", "fault", "low"]);
  });
  it("keep hidden alarms and advisories by themselves", () => {
    expect(sections(alarms).hidden.map((a) => a.id)).toEqual(["aside"]);
    expect(sections(alarms).advisory.map((a) => a.id)).toEqual(["trend"]);
  });
  it("narrow to a class", () => {
    expect(sections(alarms, "instrument").open.map((a) => a.id)).toEqual(["fault"]);
  });
});

describe("time to respond", () => {
  it("counts from the onset until the corrective action is confirmed", () => {
    expect(respondBy(alarmSample())).toBe(1_180e9);
    expect(respondBy(alarmSample({ confirmed: answered }))).toBeNull();
    expect(respondBy(alarmSample({ active: false }))).toBeNull();
  });
});
