// Which points of a unit are shown first.

import type { Schemas } from "@/service/client";

type Point = Schemas["PointView"];

const ORDER = ["level", "pressure", "toxic_gas", "combustible_gas", "oxygen", "temperature", "flow"];
const place = (quantity: string): number => (ORDER.indexOf(quantity) + ORDER.length + 1) % (ORDER.length + 1);

/** Those in alarm, then the first of each quantity; what is out of service comes last. At most `most`. */
export function keyPoints(points: readonly Point[], inAlarm: (id: string) => boolean, most = 4): Point[] {
  const used = [...points].sort(
    (a, b) => Number(b.in_use) - Number(a.in_use) || place(a.quantity) - place(b.quantity),
  );
  const first = new Set(
    ORDER.flatMap((quantity) => used.find((point) => point.quantity === quantity && point.in_use) ?? []),
  );
  const grade = (point: Point): number => (inAlarm(point.id) ? 0 : first.has(point) ? 1 : 2);
  return [...used].sort((a, b) => grade(a) - grade(b)).slice(0, most);
}
