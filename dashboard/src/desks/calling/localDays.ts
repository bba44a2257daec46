// Local times as they are typed and listed, where the rota is: the browser may stand in another zone.

import { daysAfter, dayIn, momentOf } from "@/desks/duty/localDay";

/** `2026-11-22T14:30` of an instant (ms UTC), as an input of a local time takes it. */
export function inputOf(zone: string, ms: number): string {
  const clock = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone,
    hourCycle: "h23",
    hour: "2-digit",
    minute: "2-digit",
  }).format(ms);
  return `${dayIn(zone, ms)}T${clock}`;
}

/** ms UTC of such a local time; NaN if it is none. */
export function instantOf(zone: string, local: string): number {
  const [day = "", clock = "00:00"] = local.split("T");
  return /^\d{4}-\d{2}-\d{2}$/.test(day) ? momentOf(day, clock, zone) : NaN;
}

/** The Monday of the week of a day. */
export function mondayOf(day: string): string {
  const weekday = (new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7;
  return daysAfter(day, -weekday);
}
