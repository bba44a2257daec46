// Figures of performance as people read them: a share in per cent, seconds as a span, the rest as a number.

import { numberText, percentText, spanText } from "@/words/format";
import { mine } from "@/words/mine";

const SHARE = "share";
const SECONDS = "秒 ‖ s";

/** The unit in the reader's language; empty where the figure's text has it. */
export function unitOf(unit: string): string {
  return unit.endsWith(SHARE) || unit === SECONDS ? "" : mine(unit);
}

export function figureText(value: number | null, unit: string): string {
  if (value === null) return "—";
  if (unit.endsWith(SHARE)) return percentText(value);
  if (unit === SECONDS) return spanText(value);
  if (Number.isInteger(value)) return String(value);
  // A small rate is not none: two figures that say something.
  return Math.abs(value) < 0.1 ? value.toPrecision(2) : numberText(value, 10);
}
