// Which heights a trend shows. Pure, so that it can be tried without a canvas.

export interface Heights {
  low: number;
  high: number;
}

const ROOM = 0.08;
/** The line may use less of the picture than this before it is drawn anew. */
const ENOUGH = 0.55;

/**
 * From the lowest to the highest of what has to be seen, with room, at least `least` high. The heights of
 * before stay while they still fit: a living line does not make the picture jump. What is never below nothing (a
 * level, a concentration, a count) has no axis far below it.
 */
export function heightsFor(seen: readonly (number | null)[], least: number, before: Heights | null): Heights {
  const known = seen.filter((value): value is number => value !== null && Number.isFinite(value));
  if (!known.length) return before ?? { low: 0, high: 1 };
  const [lowest, highest] = [Math.min(...known), Math.max(...known)];
  const height = Math.max(highest - lowest, least) || Math.abs(highest) * 0.1 || 1;
  const spare = (height - (highest - lowest)) / 2;
  const room = ROOM * height;
  const up = lowest >= 0 ? Math.max(0, spare - lowest) : 0;
  const wanted = { low: lowest - spare - room + up, high: highest + spare + room + up };
  if (!before) return wanted;
  const fits = before.low <= lowest && before.high >= highest;
  const used = (wanted.high - wanted.low) / (before.high - before.low);
  return fits && used >= ENOUGH ? before : wanted;
}

/** Of the sample nearest to a place among those that the series has; joined tables have holes. */
export function nearest(column: ArrayLike<number | null | undefined>, at: number): number | null {
  if (column[at] !== undefined) return at;
  for (let away = 1; away < column.length; away++) {
    if (at - away >= 0 && column[at - away] !== undefined) return at - away;
    if (at + away < column.length && column[at + away] !== undefined) return at + away;
  }
  return null;
}
