// Which piece of history says most about an alarm.

const MINUTE_NS = 60e9;
const BEFORE_NS = 10 * MINUTE_NS;
const AFTER_NS = 10 * MINUTE_NS;
const LONGEST_NS = 120 * MINUTE_NS;

/** From ten minutes before the onset to ten after the end, or to now; never more than two hours. All ns UTC. */
export function window(onset: number, returned: number | null, now: number): { start: number; end: number } {
  const start = onset - BEFORE_NS;
  const wanted = Math.min(now, (returned ?? now) + AFTER_NS);
  return { start, end: Math.max(onset + MINUTE_NS, Math.min(wanted, start + LONGEST_NS)) };
}
