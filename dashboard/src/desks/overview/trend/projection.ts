// The dashed line behind now: from the newest sample on at the present rate, to the furthest limit that is told.

import type { Row } from "../course";
import type { Telling } from "../telling";

export function projected(
  telling: Telling,
  newest: Row | undefined,
  until: number,
): { times: number[]; values: number[] } | null {
  if (!newest || newest.value === null) return null;
  const last = telling.ahead.at(-1);
  if (!last) return null;
  const start = telling.line && !telling.byGateway ? telling.line.value : newest.value;
  const slope = (last.setpoint - start) / Math.max(last.seconds, 1e-9);
  const seconds = Math.min(last.seconds, until - newest.time);
  if (seconds <= 0) return null;
  return { times: [newest.time, newest.time + seconds], values: [start, start + slope * seconds] };
}
