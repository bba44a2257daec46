// Days and clock times where the desks are. The browser may stand in another time zone; deadlines do not.

const DAY_MS = 86_400_000;

/** The local date of an instant in a zone, `2026-06-21`. */
export function dayIn(zone: string, atMs: number): string {
  const parts = new Intl.DateTimeFormat("en-CA", {
    timeZone: zone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
  }).formatToParts(atMs);
  const part = (type: string): string => parts.find((one) => one.type === type)?.value ?? "";
  return `${part("year")}-${part("month")}-${part("day")}`;
}

/** The date so many days later; dates have no zone. */
export function daysAfter(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}

/** The dates from the first to the last. */
export function daysFrom(first: string, last: string): string[] {
  const days: string[] = [];
  for (let day = first; day <= last; day = daysAfter(day, 1)) days.push(day);
  return days;
}

/** ms UTC of a local clock time (`10:00`) on a date. */
export function momentOf(day: string, clock: string, zone: string): number {
  const wished = Date.parse(`${day}T${clock.padStart(5, "0")}:00Z`);
  // The zone's offset is asked twice: the first guess may lie on the other side of a change of the clocks.
  let moment = wished - offsetMs(zone, wished);
  moment = wished - offsetMs(zone, moment);
  return moment;
}

function offsetMs(zone: string, atMs: number): number {
  const parts = new Intl.DateTimeFormat("en-CA", {
    timeZone: zone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  }).formatToParts(atMs);
  const number = (type: string): number => Number(parts.find((one) => one.type === type)?.value);
  const local = Date.UTC(
    number("year"),
    number("month") - 1,
    number("day"),
    number("hour"),
    number("minute"),
    number("second"),
  );
  return local - Math.floor(atMs / 1000) * 1000;
}
