// Open alarms in the order in which they need somebody.

import { computed } from "vue";
import { alarms } from "./desk";
import type { Alarm } from "./link";

const URGENCY = { CRITICAL: 0, HIGH: 1, MEDIUM: 2, LOW: 3 } as const;
const HIDDEN = new Set(["SHLVD", "DSUPR", "OOSRV"]);

export const isHidden = (alarm: Alarm): boolean => HIDDEN.has(alarm.state);
export const isUnanswered = (alarm: Alarm): boolean => !alarm.acknowledged && !isHidden(alarm);

/** Priority, then what nobody has answered, then what is still true, then the newest. */
export function byUrgency(a: Alarm, b: Alarm): number {
  return (
    URGENCY[a.priority] - URGENCY[b.priority] ||
    Number(isUnanswered(b)) - Number(isUnanswered(a)) ||
    Number(b.active) - Number(a.active) ||
    b.onset - a.onset
  );
}

export const shownAlarms = computed(() =>
  [...alarms.value.values()].filter((a) => !isHidden(a)).sort(byUrgency),
);
export const hiddenAlarms = computed(() => [...alarms.value.values()].filter(isHidden).sort(byUrgency));

/** The most urgent shown alarm of each point; what is over comes after everything that is true. */
export const alarmOfPoint = computed(() => {
  const worst = new Map<string, Alarm>();
  for (const alarm of shownAlarms.value) {
    const known = worst.get(alarm.point);
    if (!known || (alarm.active && !known.active)) worst.set(alarm.point, alarm);
  }
  return worst;
});
