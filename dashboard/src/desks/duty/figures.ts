// The figures as the pages ask for them.

import type { Schemas } from "@/service/client";
import { clockText, dateText, percentText, spanText } from "@/words/format";
import { language } from "@/words/language";
import type { Unit } from "./figureText";
import { words } from "./figureWords";

export type Figure = Schemas["FiguresFigureView"];
export type Level = "enterprise" | "district" | "city";
export interface Place {
  level: Level;
  /** Empty: all in sight. */
  of: string;
}

export const GROUPS: { name: "access" | "answering" | "duty" | "upkeep"; figures: RegExp }[] = [
  { name: "access", figures: /^(access_rate|online_rate|valid_data_rate)$/ },
  { name: "answering", figures: /^(acknowledge|close|overdue)_/ },
  { name: "duty", figures: /^(call_up|duty_check|commitment|supervision)/ },
  { name: "upkeep", figures: /./ },
];

export const inLanguage = (text: { zh: string; en: string }): string => text[language.value];

export function valueText(value: number | null, unit: Unit): string {
  if (value === null) return words.value.notAvailable;
  if (unit === "share") return percentText(value);
  return unit === "s" ? spanText(value) : words.value.points(value.toFixed(0));
}

/** Value less value of the span before, with its sign. */
export function changeText(change: number, unit: Unit): string {
  const sign = change > 0 ? "+" : "−";
  const size = Math.abs(change);
  if (unit === "share") return `${sign}${(100 * size).toFixed(1)} pp`;
  return `${sign}${unit === "s" ? spanText(size) : size.toFixed(0)}`;
}

/** What is known of the span, where that is not all of it: since when, and how much. Empty: all of it. */
export function coverText(one: { since: number | null; covered: number | null }): string {
  const parts = one.since === null ? [] : [words.value.since(momentText(one.since))];
  if (one.covered !== null && one.covered < 0.9995)
    parts.push(words.value.covered(percentText(Math.max(one.covered, 0.0001))));
  return parts.join(" · ");
}
/** Day and minute. */
export const momentText = (ns: number): string => `${dateText(ns)} ${clockText(ns).slice(0, 5)}`;
