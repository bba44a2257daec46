// A schedule cut into days: what of each span lies in which local day, for calendars of weeks and months.

import { daysAfter, momentOf } from "@/desks/duty/localDay";
import type { Schemas } from "@/service/client";

export type Span = Schemas["RotasSpanView"];
export interface Piece {
  span: Span;
  /** Where it begins and ends within its day, 0 to 1. */
  from: number;
  to: number;
  /** Does the span itself begin in this day, and end in it? */
  begins: boolean;
  ends: boolean;
}
export interface Day {
  day: string;
  /** ms UTC. A day of a change of the clocks is longer or shorter. */
  start: number;
  end: number;
  pieces: Piece[];
}

/** `count` days from `first` in this zone, each with its pieces in order. Spans are ns UTC. */
export function daysOf(spans: readonly Span[], zone: string, first: string, count: number): Day[] {
  const days: Day[] = [];
  for (let index = 0; index < count; index += 1) {
    const day = daysAfter(first, index);
    const start = momentOf(day, "00:00", zone);
    const end = momentOf(daysAfter(day, 1), "00:00", zone);
    days.push({ day, start, end, pieces: spans.flatMap((span) => pieceOf(span, start, end)) });
  }
  return days;
}

function pieceOf(span: Span, start: number, end: number): Piece[] {
  const [begin, over] = [span.start / 1e6, span.end / 1e6];
  if (over <= start || begin >= end) return [];
  const share = (ms: number): number => (ms - start) / (end - start);
  return [
    {
      span,
      from: Math.max(0, share(begin)),
      to: Math.min(1, share(over)),
      begins: begin >= start,
      ends: over <= end,
    },
  ];
}

/** Nobody but the fallback: somebody has to fill it. */
export const isHole = (span: Span): boolean => span.source === "fallback";

/** A tint for a person, the same in every week: neutral, so that colour is left for holes. */
export function tintOf(span: Span, tints: number): number {
  let sum = 0;
  for (const letter of span.receivers.join(",")) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 9973;
  return sum % tints;
}
