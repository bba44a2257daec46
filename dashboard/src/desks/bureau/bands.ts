// The history of a level as pieces of time, for drawing.

import type { Schemas } from "@/service/client";
import type { LevelName } from "./level";

export interface Band {
  level: LevelName;
  /** ns UTC. */
  from: number;
  to: number;
}

/**
 * The levels between two instants, oldest first, without gaps. `changes` are newest first, as the service gives
 * them; what was before the oldest one is what that one says it was before.
 */
export function bandsOf(
  changes: readonly Pick<Schemas["LevelChangeView"], "time" | "level" | "level_before">[],
  current: LevelName,
  from: number,
  to: number,
): Band[] {
  const bands: Band[] = [];
  let end = to;
  let level = current;
  for (const change of changes) {
    if (change.time >= to) {
      level = change.level_before;
      continue;
    }
    if (change.time <= from) break;
    if (change.level !== change.level_before) {
      bands.unshift({ level, from: change.time, to: end });
      end = change.time;
    }
    level = change.level_before;
  }
  bands.unshift({ level, from, to: end });
  return bands;
}
