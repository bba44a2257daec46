// An order that holds still while somebody points at the list: rows do not jump away under the pointer.

import type { Alarm } from "@/live/link";

export interface Steady {
  /** Ids as they are drawn. */
  order: readonly string[];
  /** Ids that the held order does not have yet. */
  fresh: readonly string[];
}

/**
 * `wanted` is the order as it ought to be. While `held`, what is drawn keeps its place, also what has gone
 * meanwhile (its row stays, greyed, until the order is free again); what is new is only told.
 */
export function settle(drawn: readonly string[], wanted: readonly string[], held: boolean): Steady {
  if (!held || drawn.length === 0) return { order: wanted, fresh: [] };
  const known = new Set(drawn);
  return { order: drawn, fresh: wanted.filter((id) => !known.has(id)) };
}

export interface Row {
  id: string;
  alarm: Alarm;
  /** It has left this list (for another tab, or closed); its place is kept until the order is free. */
  gone: boolean;
  /** Is `alarm` how it stands now? Else it is how it was last seen. */
  known: boolean;
}

/**
 * The rows of an order. What has left the list is shown as it is now and not as it was when it left: who has
 * acknowledged an alarm reads that, and never that the alarm is over while it goes on.
 */
export function rowsOf(
  order: readonly string[],
  wanted: ReadonlyMap<string, Alarm>,
  drawn: ReadonlyMap<string, Alarm>,
  now: (id: string) => Alarm | undefined,
): Row[] {
  return order.flatMap((id) => {
    const listed = wanted.get(id);
    const known = listed ?? now(id);
    const alarm = known ?? drawn.get(id);
    return alarm ? [{ id, alarm, gone: !listed, known: known !== undefined }] : [];
  });
}

// Who has just answered an alarm reads at its old place what became of it, however late the answer came; but a
// list under a pointer that nobody moves is not held for ever by rows that go one after the other.
const READ_MS = 4000;
const LONGEST_MS = 15_000;

/** Until when a list is held in which a row has just gone, `moved` being the last movement over it. */
export const readUntil = (held: number, moved: number, at: number): number =>
  Math.max(held, Math.min(at + READ_MS, moved + LONGEST_MS));

/** Where the focus goes when its row has gone: to what stands at its place now. */
export function follow(
  before: readonly string[],
  after: readonly string[],
  current: string | null,
): string | null {
  if (current === null || after.length === 0) return null;
  if (after.includes(current)) return current;
  const place = before.indexOf(current);
  const left = new Set(after);
  const below = before.slice(place + 1).find((id) => left.has(id));
  return below ?? before.slice(0, Math.max(0, place)).findLast((id) => left.has(id)) ?? after[0] ?? null;
}

/** The id that is `by` rows further; from nowhere to the first or the last. */
export function step(order: readonly string[], current: string | null, by: number): string | null {
  if (order.length === 0) return null;
  const place = current === null ? -1 : order.indexOf(current);
  if (place < 0) return (by > 0 ? order[0] : order.at(-1)) ?? null;
  return order[Math.min(order.length - 1, Math.max(0, place + by))] ?? null;
}
