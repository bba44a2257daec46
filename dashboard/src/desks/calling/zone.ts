// Times of the desk's place, whatever zone the browser stands in.

import { computed } from "vue";
import { dayIn } from "@/desks/duty/localDay";
import { answer, client } from "@/service/client";
import { useAsked } from "@/service/asking";
import { language } from "@/words/language";

export const DEFAULT_ZONE = "Asia/Shanghai";
const formats = new Map<string, Intl.DateTimeFormat>();

/** The zone that the service keeps its days in. */
export function useZone() {
  const { data } = useAsked(["warnings", "policy"], () => answer(client.GET("/warnings/policy")));
  return computed(() => data.value?.time_zone ?? DEFAULT_ZONE);
}

function formatIn(zone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const locale = language.value === "zh" ? "zh-CN" : "en-GB";
  const key = `${locale} ${zone} ${JSON.stringify(options)}`;
  let made = formats.get(key);
  if (!made)
    formats.set(
      key,
      (made = new Intl.DateTimeFormat(locale, { hourCycle: "h23", timeZone: zone, ...options })),
    );
  return made;
}

/** 14:30 */
export const clockIn = (zone: string, ns: number): string =>
  formatIn(zone, { hour: "2-digit", minute: "2-digit" }).format(ns / 1e6);

/** 周日, Sun; the language's own short name of the weekday. */
const weekdayIn = (zone: string, ms: number): string => formatIn(zone, { weekday: "short" }).format(ms);

/** 11-22 周日 14:30 */
export const momentIn = (zone: string, ns: number): string =>
  `${dayIn(zone, ns / 1e6).slice(5)} ${weekdayIn(zone, ns / 1e6)} ${clockIn(zone, ns)}`;

/** 11-22 周日; `day` is `2026-11-22`, which has no zone. */
export const dayText = (day: string): string =>
  `${day.slice(5)} ${weekdayIn("UTC", Date.parse(`${day}T12:00:00Z`))}`;
