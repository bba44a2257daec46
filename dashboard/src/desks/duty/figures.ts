// The figures as the pages ask for them.

import { computed, ref, watchPostEffect, type Ref } from "vue";
import { now } from "@/live/ages";
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

interface Known {
  value: number | null;
  since: number | null;
  covered: number | null;
}
/** What is known of the span, where that is not all of it: since when, and how much. Empty: all of it. */
export function coverText(one: Known): string {
  const parts = one.since === null ? [] : [words.value.since(momentText(one.since))];
  if (one.value !== null && one.covered !== null && one.covered < 0.9995)
    parts.push(words.value.covered(one.covered < 0.001 ? "< 0.1 %" : percentText(one.covered)));
  return parts.join(" · ");
}
/** Day and minute. */
export const momentText = (ns: number): string => `${dateText(ns)} ${clockText(ns).slice(0, 5)}`;

const STEP_NS = 300 * 1e9;
const YOUNG_STEP_NS = 60 * 1e9;
const YOUNG_NS = 3600 * 1e9;

/** Until when figures are asked for: rounded down, so that asking again within the step gives the same ones. Of a
 *  site that has sent for less than an hour, or not yet, every minute tells something new. */
export function useEnd(known: () => readonly Known[]): Readonly<Ref<number>> {
  const step = ref(STEP_NS);
  const end = computed(() => Math.floor((now() * 1e6) / step.value) * step.value);
  watchPostEffect(() => {
    const found = known();
    const young = found.some(
      (one) => one.covered === 0 || (one.since !== null && end.value - one.since < YOUNG_NS),
    );
    if (found.length) step.value = young ? YOUNG_STEP_NS : STEP_NS;
  });
  return end;
}
