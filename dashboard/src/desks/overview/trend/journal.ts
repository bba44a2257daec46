// From an alarm's journal to the stretches in which its condition was true. Pure.

import type { Schemas } from "@/service/client";

export type Episode = Schemas["AlarmView"];
export type WithJournal = Schemas["AlarmWithHistory"];
export interface Stretch {
  /** s UTC */
  from: number;
  /** null: it goes on. */
  to: number | null;
  /** When somebody answered; null: nobody has. */
  answered: number | null;
}

const BEGINS = new Set(["raised", "raised_again"]);
type Journalled = Pick<Episode, "onset" | "returned_time" | "acknowledged"> & {
  history?: readonly Pick<Schemas["EntryView"], "kind" | "time" | "source_time">[];
};

export function spansOf(alarm: Journalled): Stretch[] {
  const answered = alarm.acknowledged ? alarm.acknowledged.time / 1e9 : null;
  const found: Stretch[] = [];
  for (const entry of alarm.history ?? []) {
    const time = (entry.source_time ?? entry.time) / 1e9;
    const open = found.at(-1);
    if (BEGINS.has(entry.kind) && (!open || open.to !== null)) found.push({ from: time, to: null, answered });
    else if (entry.kind === "returned_to_normal" && open?.to === null) open.to = time;
  }
  if (found.length) return found;
  return [
    {
      from: alarm.onset / 1e9,
      to: alarm.returned_time === null ? null : alarm.returned_time / 1e9,
      answered,
    },
  ];
}
