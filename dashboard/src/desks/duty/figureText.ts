// How a figure reads: a value is never shown without what it was computed from.

import { language } from "@/words/language";

export interface Outcome {
  value: number | null;
  numerator: number | null;
  denominator: number | null;
}
export type Unit = "share" | "s" | "points";

/** Counts as whole numbers, sums of time without needless digits. */
export function countText(count: number): string {
  const rounded = Math.abs(count) >= 100 ? Math.round(count) : Math.round(count * 10) / 10;
  return rounded.toLocaleString("en-US");
}

/** Figures of which the parts are point-time: the service counts it in point-seconds. */
const OF_POINT_TIME: ReadonlySet<string> = new Set(["online_rate"]);

/** Point-hours: small ones keep what would else be rounded away. */
function hoursText(seconds: number): string {
  const hours = seconds / 3600;
  return hours > 0 && hours < 10 ? hours.toPrecision(2) : countText(hours);
}

/** `12 / 34`; a part that is missing is a dash. Point-time has its unit: `0.4 / 0.4 点·小时`. */
export function basisText(one: Pick<Outcome, "numerator" | "denominator">, figure = ""): string {
  const isTime = one.denominator !== null && OF_POINT_TIME.has(figure);
  const text = (count: number | null): string =>
    count === null ? "—" : isTime ? hoursText(count) : countText(count);
  const unit = isTime ? (language.value === "zh" ? " 点·小时" : " point-hours") : "";
  return `${text(one.numerator)} / ${text(one.denominator)}${unit}`;
}

/** Default, not a regulation: a figure of less than a hundredth of its span is not told in large type. */
const LEAST_COVERED = 0.01;

/** There is a value, but from so little of the span that it says next to nothing of it. */
export const isTooShort = (one: { value: number | null; covered: number | null }): boolean =>
  one.value !== null && one.covered !== null && one.covered < LEAST_COVERED;

export type Direction = "better" | "worse" | "same" | "unknown";

/** Is the change for the better? Changes that rounding hides count as none. */
export function direction(change: number | null, better: "higher" | "lower", unit: Unit): Direction {
  if (change === null) return "unknown";
  if (Math.abs(change) < (unit === "share" ? 0.0005 : 0.5)) return "same";
  return change > 0 === (better === "higher") ? "better" : "worse";
}

/** How long its bar is, 0 to 1: a share as it is, anything else as a part of the greatest. */
export function barShare(value: number | null, unit: Unit, greatest: number): number | null {
  if (value === null) return null;
  if (unit === "share") return value;
  return greatest > 0 ? value / greatest : 0;
}

/** Points of a line over a box of this size; gaps where there is no value. */
export function linePaths(values: readonly (number | null)[], width: number, height: number): string[] {
  const known = values.filter((value): value is number => value !== null);
  if (known.length === 0) return [];
  const low = Math.min(...known);
  const room = Math.max(...known) - low || 1;
  const step = values.length > 1 ? width / (values.length - 1) : 0;
  const paths: string[] = [];
  let path = "";
  values.forEach((value, index) => {
    if (value === null) {
      if (path) paths.push(path);
      path = "";
      return;
    }
    const y = height - ((value - low) / room) * height;
    path += `${path ? "L" : "M"}${(index * step).toFixed(1)} ${y.toFixed(1)}`;
  });
  if (path) paths.push(path);
  return paths;
}
