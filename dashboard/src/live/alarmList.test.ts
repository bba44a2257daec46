// @vitest-environment jsdom
import { expect, it } from "vitest";
import { alarmSample } from "@/desks/alarms/sample";
import { learnAlarms } from "./desk";
import {
  alarmOfPoint,
  hiddenAlarms,
  isUnanswered,
  openCount,
  shownAdvisories,
  shownAlarms,
  unansweredCount,
} from "./alarmList";

const taken = { by: "李娜", time: 1, comment: "" };

it("counts an advisory nowhere as an alarm, and lists it by itself", () => {
  learnAlarms([
    alarmSample({ id: "high", point: "E001/A" }),
    alarmSample({ id: "taken", point: "E001/B", state: "ACKED", acknowledged: taken }),
    alarmSample({ id: "aside", point: "E001/C", state: "SHLVD" }),
    alarmSample({ id: "trend", point: "E001/D", alarm_class: "advisory", priority: "LOW" }),
    alarmSample({ id: "trend aside", point: "E001/E", alarm_class: "advisory", state: "SHLVD" }),
  ]);
  const ids = (all: readonly { id: string }[]): string[] => all.map((one) => one.id);
  expect(ids(shownAlarms.value)).toEqual(["high", "taken"]);
  expect(ids(hiddenAlarms.value)).toEqual(["aside"]);
  expect(ids(shownAdvisories.value)).toEqual(["trend"]);
  expect(openCount.value).toBe(2);
  expect(unansweredCount.value).toBe(1);
  expect([...alarmOfPoint.value.keys()]).toEqual(["E001/A", "E001/B"]);
  expect(isUnanswered(alarmSample({ alarm_class: "advisory" }))).toBe(false);
});
