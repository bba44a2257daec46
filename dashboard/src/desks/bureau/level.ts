// The four colours in their order. They are of the bureau, and have nothing to do with priorities of alarms.

import { BARS, type Level } from "@/design/level";

export type LevelName = Level | "none";
export const LEVELS: readonly LevelName[] = ["red", "orange", "yellow", "blue", "none"];

export const rank = (level: LevelName): number => BARS[level];

/** The most urgent of them; none of nothing. */
export function worst(levels: Iterable<LevelName>): LevelName {
  let found: LevelName = "none";
  for (const level of levels) if (BARS[level] > BARS[found]) found = level;
  return found;
}

/** What `LevelBadge` takes. */
export const badge = (level: LevelName): Level | null => (level === "none" ? null : level);
