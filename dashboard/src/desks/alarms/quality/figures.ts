// Figures of performance as people read them: a share in per cent, seconds as a span, the rest as a number.

import { numberText, percentText, spanText } from "@/words/format";
import { language } from "@/words/language";

const SHARE = "share";
const SECONDS = "秒 s";

/** The half of a unit that is in the reader's language: "每10分钟 per 10 min". */
export function unitOf(unit: string): string {
  const cut = unit.indexOf(" ");
  if (unit.endsWith(SHARE) || unit === SECONDS || cut < 0) return "";
  return language.value === "zh" ? unit.slice(0, cut) : unit.slice(cut + 1);
}

export function figureText(value: number | null, unit: string): string {
  if (value === null) return "—";
  if (unit.endsWith(SHARE)) return percentText(value);
  if (unit === SECONDS) return spanText(value);
  if (Number.isInteger(value)) return String(value);
  // A small rate is not none: two figures that say something.
  return Math.abs(value) < 0.1 ? value.toPrecision(2) : numberText(value, 10);
}
