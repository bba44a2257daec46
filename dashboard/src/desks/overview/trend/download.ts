// Every sample of a time as a table. History is asked for in parts small enough that none is thinned.

import { CSV_HEAD, csvLines } from "../course";
import type { Point } from "../register";
import { askTrend } from "./asking";
import { MOST_SAMPLES, partsOf } from "./parts";
import type { Window } from "./windows";

/** Lines of the file, point by point. `told` is given the share that is done. Throws Problem. */
export async function csvOf(
  points: readonly Point[],
  window: Window,
  told: (share: number) => void,
): Promise<{ text: string; thinned: boolean }> {
  const all = points.flatMap((point) => partsOf(window, point.period_s).map((part) => ({ point, part })));
  const lines = [CSV_HEAD];
  let thinned = false;
  for (const [done, { point, part }] of all.entries()) {
    told(done / all.length);
    const trend = await askTrend(point.id, part.from, part.to, MOST_SAMPLES);
    thinned ||= part.thinned || trend.source_time.length >= MOST_SAMPLES;
    lines.push(...csvLines(point, trend));
  }
  return { text: lines.join("\r\n") + "\r\n", thinned };
}
