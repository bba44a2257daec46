// Forecasts, rates and limits in words.

import { numberText, spanText } from "@/words/format";
import { unitText } from "@/words/units";
import type { Ahead } from "./forecast";
import type { Point } from "./register";
import type { Telling } from "./telling";
import { words } from "./words";

/** To the precision that a projection deserves: `12 min`, not `12 min 13 s`. */
export function roughSpan(seconds: number): string {
  if (seconds < 90) return spanText(Math.max(5, Math.round(seconds / 5) * 5));
  if (seconds < 3600) return spanText(Math.round(seconds / 60) * 60);
  return spanText(Math.round(seconds / 600) * 600);
}

export const aheadText = (one: Ahead): string => words.value.ahead(roughSpan(one.seconds), one.limit);

const digits = (value: number): string => {
  const size = Math.abs(value);
  return size >= 100 ? value.toFixed(0) : size >= 10 ? value.toFixed(1) : value.toFixed(2);
};

/** +0.45 m/h; by the minute when an hour would be a strange way to say it. */
export function rateText(telling: Telling, point: Point): string {
  const slope = telling.line?.slope;
  if (slope === undefined) return "";
  const quick = (telling.ahead[0]?.seconds ?? Infinity) < 300;
  const rate = slope * (quick ? 60 : 3600);
  const per = quick ? words.value.minuteRate : words.value.hourRate;
  return `${rate > 0 ? "+" : "−"}${digits(Math.abs(rate))} ${unitText(point.engineering_unit)}/${per}`;
}

export function limitText(point: Point, value: number): string {
  const text = numberText(value, point.range_high - point.range_low);
  return text.includes(".") ? text.replace(/0+$/, "").replace(/\.$/, "") : text;
}

/** The tag without the part that the unit says already. */
export function shortTag(point: { tag: string; unit: string }): string {
  return point.tag.startsWith(`${point.unit}.`) ? point.tag.slice(point.unit.length + 1) : point.tag;
}

export function compassWord(index: number): string {
  return words.value.compass.split(",")[index] ?? "";
}
