// How a figure reads: a value is never shown without what it was computed from.

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

/** `12 / 34`; a part that is missing is a dash. */
export function basisText(one: Pick<Outcome, "numerator" | "denominator">): string {
  const text = (count: number | null): string => (count === null ? "—" : countText(count));
  return `${text(one.numerator)} / ${text(one.denominator)}`;
}

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
