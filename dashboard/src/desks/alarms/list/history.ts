// What is asked of the records: times as the browser's fields write them, and the query that comes of them.

import type { Alarm } from "@/live/link";

export interface Filter {
  /** Local time, `2026-11-22T08:00`; empty: no bound. */
  since: string;
  until: string;
  /** `E001/H01`; empty: all. */
  installation: string;
  priority: Alarm["priority"] | "";
  of: Alarm["alarm_class"] | "";
  text: string;
  /** closed: only what is over and answered. */
  open: "closed" | "";
}

const WEEK_MS = 7 * 86_400_000;

/** ms UTC as a `datetime-local` field writes it. */
export function localText(ms: number): string {
  const at = new Date(ms);
  const two = (n: number): string => String(n).padStart(2, "0");
  const date = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${date}T${two(at.getHours())}:${two(at.getMinutes())}`;
}

/** ns UTC of such a field; undefined when it is empty. */
export function fieldNs(text: string): number | undefined {
  const ms = text ? new Date(text).getTime() : NaN;
  return Number.isFinite(ms) ? ms * 1e6 : undefined;
}

export function beginning(now: number): Filter {
  return {
    since: localText(now - WEEK_MS),
    until: "",
    installation: "",
    priority: "",
    of: "",
    text: "",
    open: "closed",
  };
}

/** The query of GET /alarms. A text is sought within a time only: without one, in the last week. */
export function queryOf(filter: Filter) {
  const [enterprise, installation] = filter.installation.split("/");
  return {
    ...(fieldNs(filter.since) === undefined ? {} : { since: fieldNs(filter.since) }),
    ...(fieldNs(filter.until) === undefined ? {} : { until: fieldNs(filter.until) }),
    ...(enterprise ? { enterprise } : {}),
    ...(installation ? { installation } : {}),
    ...(filter.priority ? { priority: [filter.priority] } : {}),
    ...(filter.of ? { alarm_class: [filter.of] } : {}),
    ...(filter.text ? { text: filter.text } : {}),
    ...(filter.open === "closed" ? { state: ["NORM" as const] } : {}),
  };
}
