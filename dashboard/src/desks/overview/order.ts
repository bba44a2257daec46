// Which units are shown, and in which order.

import { byUrgency } from "@/live/alarmList";
import type { Alarm } from "@/live/link";

type Placing = Pick<Alarm, "enterprise" | "installation" | "unit">;

/** Shown alarms by unit (`E001/H01/TK101`), the most urgent first. */
export function alarmsByUnit<A extends Placing>(alarms: Iterable<A>): Map<string, A[]> {
  const found = new Map<string, A[]>();
  for (const alarm of alarms) {
    if (!alarm.unit) continue;
    const key = `${alarm.enterprise}/${alarm.installation}/${alarm.unit}`;
    const known = found.get(key);
    if (known) known.push(alarm);
    else found.set(key, [alarm]);
  }
  return found;
}

/** `alarms` as `alarmsByUnit` gives them. Units without alarms keep their order behind the others. */
export function arrangeUnits<U extends { key: string }>(
  units: readonly U[],
  alarms: ReadonlyMap<string, readonly Alarm[]>,
  wish: { onlyAlarms: boolean; byUrgency: boolean },
): U[] {
  const shown = wish.onlyAlarms ? units.filter((unit) => alarms.has(unit.key)) : [...units];
  if (!wish.byUrgency) return shown;
  return shown.sort((a, b) => {
    const [first, second] = [alarms.get(a.key)?.[0], alarms.get(b.key)?.[0]];
    if (first && second) return byUrgency(first, second);
    return Number(Boolean(second)) - Number(Boolean(first));
  });
}

export type Arrow = "ArrowLeft" | "ArrowRight" | "ArrowUp" | "ArrowDown" | "Home" | "End";

/** The card that an arrow leads to. `boxes`: where each is on the page, in the order in which they are read. */
export function neighbour(boxes: readonly { left: number; top: number }[], at: number, arrow: Arrow): number {
  const here = boxes[at];
  if (!here) return 0;
  const last = boxes.length - 1;
  if (arrow === "Home") return 0;
  if (arrow === "End") return last;
  if (arrow === "ArrowLeft") return Math.max(0, at - 1);
  if (arrow === "ArrowRight") return Math.min(last, at + 1);
  return vertical(boxes, here, arrow === "ArrowDown" ? 1 : -1) ?? at;
}

/** In the next line of cards, the one that is least to the side. */
function vertical(
  boxes: readonly { left: number; top: number }[],
  here: { left: number; top: number },
  way: 1 | -1,
): number | null {
  const beyond = boxes
    .map((box, index) => ({ box, index }))
    .filter(({ box }) => way * (box.top - here.top) > 1);
  if (!beyond.length) return null;
  const line = Math.min(...beyond.map(({ box }) => way * box.top)) * way;
  const inLine = beyond.filter(({ box }) => Math.abs(box.top - line) <= 1);
  inLine.sort((a, b) => Math.abs(a.box.left - here.left) - Math.abs(b.box.left - here.left));
  return inLine[0]?.index ?? null;
}
