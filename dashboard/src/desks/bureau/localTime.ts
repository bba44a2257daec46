// What a field of date and time holds: the reader's local time, to the minute.

import { millis, nanos } from "@/words/format";

const two = (number: number): string => String(number).padStart(2, "0");

/** As `DateField` takes it. */
export function fieldOf(ns: number): string {
  const at = new Date(millis(ns));
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}T${two(at.getHours())}:${two(at.getMinutes())}`;
}

/** ns UTC; null while the field is empty or half filled. */
export function instantOf(field: string): number | null {
  const at = new Date(field).getTime();
  return field && Number.isFinite(at) ? nanos(at) : null;
}
