// What is left until a deadline, as people read it beside a bar that empties.

const NS_PER_MS = 1e6;
const millis = (ns: number): number => ns / NS_PER_MS;

export interface Countdown {
  /** Seconds; negative once it has passed. */
  leftS: number;
  /** Of the whole time, 1 at the start and 0 from the deadline on. */
  share: number;
  passed: boolean;
}

/** Times of the service are ns UTC, `nowMs` is ms UTC on the service's clock. */
export function countdown(fromNs: number, untilNs: number, nowMs: number): Countdown {
  const leftMs = millis(untilNs) - nowMs;
  const wholeMs = millis(untilNs) - millis(fromNs);
  const share = wholeMs > 0 ? Math.min(1, Math.max(0, leftMs / wholeMs)) : 0;
  return { leftS: leftMs / 1000, share, passed: leftMs <= 0 };
}

/** `4:05`, `1:02:09`; the last second is shown until it has passed. */
export function clockLeft(seconds: number): string {
  const whole = Math.max(0, Math.ceil(seconds));
  const two = (n: number): string => String(n).padStart(2, "0");
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60)];
  return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}
