// Open alarms in the order in which they need somebody.
//
// What counts as an alarm is said here and nowhere else: an advisory is a prompt and no alarm (ISA-18.2), so it is
// neither open nor unanswered, sounds nothing, and is listed by itself.

import { computed } from "vue";
import { alarms, openAlarms } from "./desk";
import type { Alarm } from "./link";

const URGENCY = { CRITICAL: 0, HIGH: 1, MEDIUM: 2, LOW: 3 } as const;
const HIDDEN = new Set(["SHLVD", "DSUPR", "OOSRV"]);

export const isHidden = (alarm: Alarm): boolean => HIDDEN.has(alarm.state);
export const isAdvisory = (alarm: Alarm): boolean => alarm.alarm_class === "advisory";
export const isShown = (alarm: Alarm): boolean => !isHidden(alarm) && !isAdvisory(alarm);
export const isUnanswered = (alarm: Alarm): boolean => !alarm.acknowledged && isShown(alarm);

/** Priority, then what nobody has answered, then what is still true, then the newest. */
export function byUrgency(a: Alarm, b: Alarm): number {
  return (
    URGENCY[a.priority] - URGENCY[b.priority] ||
    Number(isUnanswered(b)) - Number(isUnanswered(a)) ||
    Number(b.active) - Number(a.active) ||
    b.onset - a.onset
  );
}

const kept = (wanted: (alarm: Alarm) => boolean) =>
  computed(() => [...alarms.value.values()].filter(wanted).sort(byUrgency));
export const shownAlarms = kept(isShown);
export const hiddenAlarms = kept((alarm) => isHidden(alarm) && !isAdvisory(alarm));
export const shownAdvisories = kept((alarm) => isAdvisory(alarm) && !isHidden(alarm));
/** Open alarms with those that the snapshot was too small for; whether these are shown ones is not known here. */
export const openCount = computed(
  () => shownAlarms.value.length + Math.max(0, openAlarms.value - alarms.value.size),
);
export const unansweredCount = computed(() => shownAlarms.value.filter(isUnanswered).length);

/** The most urgent shown alarm of each point; what is over comes after everything that is true. */
export const alarmOfPoint = computed(() => {
  const worst = new Map<string, Alarm>();
  for (const alarm of shownAlarms.value) {
    const known = worst.get(alarm.point);
    if (!known || (alarm.active && !known.active)) worst.set(alarm.point, alarm);
  }
  return worst;
});
