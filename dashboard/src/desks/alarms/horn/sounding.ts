// Which horns sound, by the rule of the alert service (`api/alarms/horn.py`): what nobody has answered and was
// told after the last silence. Reckoned from the live alarms, so that it sounds in the moment the alarm comes.

import { isUnanswered } from "@/live/alarmList";
import type { Alarm } from "@/live/link";
import type { Priority } from "./tones";

const URGENCY: Record<Priority, number> = { CRITICAL: 3, HIGH: 2, MEDIUM: 1, LOW: 0 };

export interface Sounding {
  /** The most urgent alarm that is heard. */
  priority: Priority;
  alarms: number;
  newest: Alarm;
}

export function isHeard(alarm: Alarm): boolean {
  return isUnanswered(alarm) && !alarm.quiet && alarm.annunciated_time > 0;
}

/**
 * The horn of a desk; null when it is silent. `silenced` is ns UTC of the last silence there. As soon as one
 * alarm is newer than that the horn sounds, with the tone of the most urgent one since.
 */
export function soundingOf(desk: string, alarms: Iterable<Alarm>, silenced: number | null): Sounding | null {
  const mine = [...alarms].filter((a) => isHeard(a) && (a.enterprise === desk || a.enterprise === ""));
  const fresh = mine.filter((alarm) => alarm.annunciated_time > (silenced ?? 0));
  const newest = fresh.reduce<Alarm | null>(
    (last, alarm) => (last && last.annunciated_time >= alarm.annunciated_time ? last : alarm),
    null,
  );
  if (!newest) return null;
  const worst = fresh.reduce((most, alarm) =>
    URGENCY[alarm.priority] > URGENCY[most.priority] ? alarm : most,
  );
  return { priority: worst.priority, alarms: mine.length, newest };
}

/** The most urgent of several. */
export function loudest(all: readonly Sounding[]): Sounding | null {
  return all.reduce<Sounding | null>(
    (most, one) => (most && URGENCY[most.priority] >= URGENCY[one.priority] ? most : one),
    null,
  );
}
