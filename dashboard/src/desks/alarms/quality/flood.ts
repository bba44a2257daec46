// An alarm flood as a person can take it in: second-level gas by itself, the rest by unit and cause.

import { byUrgency, isShown, isUnanswered } from "@/live/alarmList";
import type { Alarm } from "@/live/link";

export interface CauseGroup {
  /** Name of the rule. */
  cause: Alarm;
  alarms: Alarm[];
}
export interface UnitGroup {
  key: string;
  /** The most urgent of it. */
  first: Alarm;
  causes: CauseGroup[];
  alarms: number;
  unanswered: number;
}

const SLOT_NS = 600e9;

/** Second-level gas alarms one by one, and all others by unit and by the name of their rule, most urgent first. */
export function grouped(alarms: Iterable<Alarm>): { second: Alarm[]; units: UnitGroup[] } {
  const all = [...alarms].filter(isShown).sort(byUrgency);
  const units = new Map<string, Map<string, Alarm[]>>();
  for (const alarm of all) {
    if (alarm.second_level_gas) continue;
    const key = `${alarm.enterprise}/${alarm.installation}/${alarm.unit}`;
    const causes = units.get(key) ?? new Map<string, Alarm[]>();
    units.set(key, causes.set(alarm.name, [...(causes.get(alarm.name) ?? []), alarm]));
  }
  return {
    second: all.filter((alarm) => alarm.second_level_gas),
    units: [...units].flatMap(([key, causes]) => {
      const groups = [...causes.values()].flatMap((of) => (of[0] ? [{ cause: of[0], alarms: of }] : []));
      const members = groups.flatMap((group) => group.alarms);
      const [first] = members;
      return first
        ? [
            {
              key,
              first,
              causes: groups,
              alarms: members.length,
              unanswered: members.filter(isUnanswered).length,
            },
          ]
        : [];
    }),
  };
}

/**
 * How many annunciations the ten minutes before each instant had. `times` in ns; one figure every `everyNs`
 * from `start` to `end`; in columns of s UTC and counts, for a chart.
 */
export function rateCurve(
  times: readonly number[],
  start: number,
  end: number,
  everyNs: number,
): { times: number[]; counts: number[] } {
  const sorted = [...times].sort((a, b) => a - b);
  const at: number[] = [];
  const counts: number[] = [];
  let low = 0;
  let high = 0;
  for (let time = start; time <= end; time += everyNs) {
    while (high < sorted.length && (sorted[high] ?? Infinity) <= time) high += 1;
    while (low < high && (sorted[low] ?? Infinity) <= time - SLOT_NS) low += 1;
    at.push(time / 1e9);
    counts.push(high - low);
  }
  return { times: at, counts };
}
