// Times, ages and numbers as people read them. Times of the service are ns UTC.

import { language } from "./language";

const NS_PER_MS = 1e6;
const locale = () => (language.value === "zh" ? "zh-CN" : "en-GB");
const formats = new Map<string, Intl.DateTimeFormat>();

function format(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = locale() + JSON.stringify(options);
  let made = formats.get(key);
  if (!made) formats.set(key, (made = new Intl.DateTimeFormat(locale(), { hourCycle: "h23", ...options })));
  return made;
}

export const millis = (ns: number): number => ns / NS_PER_MS;
export const nanos = (ms: number): number => Math.round(ms) * NS_PER_MS;

/** 14:03:09 */
export function clockText(ns: number): string {
  return format({ hour: "2-digit", minute: "2-digit", second: "2-digit" }).format(millis(ns));
}

/** 11-22 14:03:09, or 14:03:09 of today. */
export function timeText(ns: number, now = Date.now()): string {
  const today = new Date(now).toDateString() === new Date(millis(ns)).toDateString();
  if (today) return clockText(ns);
  const sameYear = new Date(now).getFullYear() === new Date(millis(ns)).getFullYear();
  const date = format({ ...(sameYear ? {} : { year: "numeric" }), month: "2-digit", day: "2-digit" });
  return `${date.format(millis(ns))} ${clockText(ns)}`;
}

/** 11-30 08:00, with the year where it is another: the day always, seconds never. For shifts and turns. */
export function minuteText(ns: number, now = Date.now()): string {
  const sameYear = new Date(now).getFullYear() === new Date(millis(ns)).getFullYear();
  const date = format({ ...(sameYear ? {} : { year: "numeric" }), month: "2-digit", day: "2-digit" });
  return `${date.format(millis(ns))} ${clockText(ns).slice(0, 5)}`;
}

export function dateText(ns: number): string {
  return format({ year: "numeric", month: "2-digit", day: "2-digit" }).format(millis(ns));
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

const UNITS: Record<string, string> = {
  deg: "°",
  degC: "°C",
  m3: "m³",
  "m3/h": "m³/h",
  "mg/m3": "mg/m³",
  umol: "µmol",
};

export function unitText(unit: string): string {
  return UNITS[unit] ?? unit;
}

export function percentText(share: number | null | undefined, decimals = 1): string {
  return share === null || share === undefined ? "—" : `${(100 * share).toFixed(decimals)} %`;
}

/** A place in a file as `file:line`; the folder, which only the machine of the service has, is left out. */
export function fileText(place: string): string {
  return place.slice(place.lastIndexOf("/") + 1);
}
