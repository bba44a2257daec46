// Dates and clock times as they are typed and kept: `2026-11-22`, `14:30`, `2026-11-22T14:30`. They have no zone.

export type DateKind = "date" | "datetime" | "time";

const DATE = /^(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?$/;
const TIME = /^(\d{1,2})[:：]?(\d{2})(?::\d{2})?$/;
const DAY_MS = 86_400_000;
const WEEK = 7;
const two = (number: number | string): string => String(number).padStart(2, "0");

function dateOf(text: string): string | null {
  const [, year = "", month = "", day = ""] = DATE.exec(text) ?? [];
  const at = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  return year && at.getUTCMonth() === Number(month) - 1 && at.getUTCDate() === Number(day)
    ? `${year}-${two(month)}-${two(day)}`
    : null;
}

function timeOf(text: string): string | null {
  const [, hour = "", minute = ""] = TIME.exec(text) ?? [];
  return hour && Number(hour) < 24 && Number(minute) < 60 ? `${two(hour)}:${minute}` : null;
}

/** What is meant by what was typed: "" for nothing, null for what is no such date. A day alone begins at midnight. */
export function understood(kind: DateKind, typed: string): string | null {
  const text = typed.trim();
  if (!text) return "";
  if (kind === "date") return dateOf(text);
  if (kind === "time") return timeOf(text);
  const [day = "", clock = "00:00", ...more] = text.split(/[T\s]+/);
  const [date, time] = [dateOf(day), timeOf(clock)];
  return date && time && !more.length ? `${date}T${time}` : null;
}

/** As it stands in the field, in every language the same. */
export const dateText = (value: string): string => value.replace("T", " ");

/** Of the parts of `2026-11-22 14:30`: where each ends. */
const PARTS = [
  [4, "year"],
  [7, "month"],
  [10, "day"],
  [13, "hour"],
  [Infinity, "minute"],
] as const;
const TIME_AT = 11;

/** The value with the part at the caret one more or less; days and hours carry over. */
export function stepped(kind: DateKind, value: string, caret: number, by: number): string {
  const whole = kind === "time" ? `2000-01-01T${value}` : kind === "date" ? `${value}T00:00` : value;
  const at = new Date(`${whole}:00Z`);
  const place = kind === "time" ? caret + TIME_AT : caret;
  const part = PARTS.find(([end]) => place <= end)?.[1];
  if (part === "year") at.setUTCFullYear(at.getUTCFullYear() + by);
  else if (part === "month") at.setUTCMonth(at.getUTCMonth() + by);
  else if (part === "day") at.setUTCDate(at.getUTCDate() + by);
  else if (part === "hour") at.setUTCHours(at.getUTCHours() + by);
  else at.setUTCMinutes(at.getUTCMinutes() + by);
  const text = at.toISOString();
  return kind === "time" ? text.slice(11, 16) : text.slice(0, kind === "date" ? 10 : 16);
}

/** Six weeks around a month (`2026-11`), from a Monday. */
export function weeksOf(month: string): string[][] {
  const first = Date.parse(`${month}-01T00:00:00Z`);
  const begin = first - ((new Date(first).getUTCDay() + 6) % WEEK) * DAY_MS;
  const day = (index: number): string => new Date(begin + index * DAY_MS).toISOString().slice(0, 10);
  return Array.from({ length: 6 }, (_, week) => Array.from({ length: WEEK }, (_, i) => day(week * WEEK + i)));
}

export function monthsAfter(month: string, by: number): string {
  const at = new Date(`${month}-01T00:00:00Z`);
  at.setUTCMonth(at.getUTCMonth() + by);
  return at.toISOString().slice(0, 7);
}

/** The local date of now where the browser stands. */
export function todayHere(): string {
  const now = new Date();
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
}
