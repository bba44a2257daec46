// Every sample of a time as a file. History is asked for in parts small enough that none is thinned.

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

/** Hand a text to the person as a file. */
export function save(name: string, text: string): void {
  // The mark at the beginning tells spreadsheets that it is UTF-8.
  const address = URL.createObjectURL(new Blob(["\ufeff", text], { type: "text/csv;charset=utf-8" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
