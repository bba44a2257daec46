// Times, ages and numbers as people read them. Times of the service are ns UTC.

import { language } from "./language";

const NS_PER_MS = 1e6;
const two = (number: number): string => String(number).padStart(2, "0");

export const millis = (ns: number): number => ns / NS_PER_MS;
export const nanos = (ms: number): number => Math.round(ms) * NS_PER_MS;

/** 14:03:09, of a day of 24 hours, in every language. */
export function clockText(ns: number): string {
  const at = new Date(millis(ns));
  return [at.getHours(), at.getMinutes(), at.getSeconds()].map(two).join(":");
}

/** 2026-11-22, where the browser stands. */
export function dateText(ns: number): string {
  const at = new Date(millis(ns));
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}

/** 11-22 14:03:09, or 14:03:09 of today; the year stands before it where it is another. */
export function timeText(ns: number, now = Date.now()): string {
  const [day, today] = [dateText(ns), dateText(nanos(now))];
  if (day === today) return clockText(ns);
  return `${day.slice(0, 5) === today.slice(0, 5) ? day.slice(5) : day} ${clockText(ns)}`;
}

/** 2026-11-30 08:00: the whole day always, seconds never. For shifts and turns. */
export function minuteText(ns: number): string {
  return `${dateText(ns)} ${clockText(ns).slice(0, 5)}`;
}

const STEPS = [
  { s: 86_400, zh: "天", en: "d", next: 3600, nextZh: "小时", nextEn: "h" },
  { s: 3600, zh: "小时", en: "h", next: 60, nextZh: "分", nextEn: "min" },
  { s: 60, zh: "分", en: "min", next: 1, nextZh: "秒", nextEn: "s" },
] as const;

/** A span in its two greatest units: `3 分 20 秒`, `2 h 5 min`. Never negative: clocks differ a little. */
export function spanText(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const zh = language.value === "zh";
  for (const step of STEPS) {
    if (whole < step.s) continue;
    const first = `${Math.floor(whole / step.s)} ${zh ? step.zh : step.en}`;
    const rest = Math.floor((whole % step.s) / step.next);
    return rest ? `${first} ${rest} ${zh ? step.nextZh : step.nextEn}` : first;
  }
  return `${whole} ${zh ? "秒" : "s"}`;
}

/** As many decimals as the range of the instrument deserves: a thousandth of it, four at most. */
export function numberText(value: number | null | undefined, span?: number): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return "—";
  const decimals = span ? Math.min(4, Math.max(0, Math.ceil(3 - Math.log10(Math.abs(span))))) : 2;
  const text = value.toFixed(Math.min(decimals, 4));
  return Number(text) === 0 ? text.replace("-", "") : text;
}

export function percentText(share: number | null | undefined, decimals = 1): string {
  return share === null || share === undefined ? "—" : `${(100 * share).toFixed(decimals)} %`;
}

/** A place in a file as `file:line`; the folder, which only the machine of the service has, is left out. */
export function fileText(place: string): string {
  return place.slice(place.lastIndexOf("/") + 1);
}
