// The four colours in their order. They are of the bureau, and have nothing to do with priorities of alarms.

import type { Level } from "@/design/LevelBadge.vue";

export type LevelName = Level | "none";
export const LEVELS: readonly LevelName[] = ["red", "orange", "yellow", "blue", "none"];
const RANK: Record<LevelName, number> = { none: 0, blue: 1, yellow: 2, orange: 3, red: 4 };

export const rank = (level: LevelName): number => RANK[level];

/** The most urgent of them; none of nothing. */
export function worst(levels: Iterable<LevelName>): LevelName {
  let found: LevelName = "none";
  for (const level of levels) if (RANK[level] > RANK[found]) found = level;
  return found;
}

/** What `LevelBadge` takes. */
export const badge = (level: LevelName): Level | null => (level === "none" ? null : level);
