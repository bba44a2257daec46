import { expect, test } from "vitest";
import { arrange } from "./arrange";
import type { Entry, Group, Role } from "./desks";

const entry = (to: string, group: Group, everyHourOf: Role[] = []): Entry => ({
  to,
  group,
  everyHourOf,
  label: () => to,
  icon: {},
  order: 0,
});
const ENTRIES = [
  entry("alarms", "control", ["operator", "bureau_duty_officer"]),
  entry("floods", "control"),
  entry("map", "bureau", ["bureau_duty_officer"]),
  entry("audit", "administration", ["auditor"]),
];
const names = (entries: readonly Entry[]): string[] => entries.map((one) => one.to);

test("what a role works with stands above the groups, and not in them too", () => {
  const { own, groups } = arrange(ENTRIES, ["operator"], "alarms");
  expect(names(own)).toEqual(["alarms"]);
  expect(groups.map(({ group, entries }) => [group, names(entries)])).toEqual([
    ["control", ["floods"]],
    ["bureau", ["map"]],
    ["administration", ["audit"]],
  ]);
});

test("the area where a person begins stands first", () => {
  expect(names(arrange(ENTRIES, ["bureau_duty_officer"], "map").own)).toEqual(["map", "alarms"]);
});

test("several roles see the work of each; nothing is lost", () => {
  const { own, groups } = arrange(ENTRIES, ["operator", "auditor"], "audit");
  expect(names(own)).toEqual(["audit", "alarms"]);
  expect(own.length + groups.flatMap((one) => one.entries).length).toBe(ENTRIES.length);
});
