// When people were told of an alarm: the list has the last time, the journal the first. Pure.

import type { Schemas } from "@/service/client";
import type { Alarm } from "@/live/link";

/** Told later than it was stored: again, or for the first time after it had been hidden. */
export const mayBeToldAgain = (alarm: Pick<Alarm, "annunciated_time" | "raised_time">): boolean =>
  alarm.annunciated_time > alarm.raised_time;

/** ns UTC of the first entry that people were told with; null: there is none. */
export function firstTold(
  journal: readonly Pick<Schemas["EntryView"], "annunciates" | "time">[],
): number | null {
  return journal.find((entry) => entry.annunciates)?.time ?? null;
}
