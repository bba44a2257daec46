// Times of the desk's place, whatever zone the browser stands in.

import { computed } from "vue";
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

/** 11月22日 周日 14:30 */
export const momentIn = (zone: string, ns: number): string =>
  formatIn(zone, {
    month: "short",
    day: "numeric",
    weekday: "short",
    hour: "2-digit",
    minute: "2-digit",
  }).format(ns / 1e6);

/** 11/22 周日; `day` is `2026-11-22`, which has no zone. */
export const dayText = (day: string): string =>
  formatIn("UTC", { month: "numeric", day: "numeric", weekday: "short" }).format(
    Date.parse(`${day}T12:00:00Z`),
  );
