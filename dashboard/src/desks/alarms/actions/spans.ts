// How long something may be put aside: a few choices up to what the policy allows.

const MINUTE = 60;
const HOUR = 3600;
const USUAL = [
  10 * MINUTE,
  30 * MINUTE,
  HOUR,
  2 * HOUR,
  4 * HOUR,
  8 * HOUR,
  24 * HOUR,
  72 * HOUR,
  168 * HOUR,
  336 * HOUR,
  720 * HOUR,
];

/** Usual times that do not exceed `longestS`, and that itself as the last; none if nothing is allowed. */
export function choices(longestS: number): number[] {
  if (longestS <= 0) return [];
  const below = USUAL.filter((span) => span < longestS);
  return [...below.slice(-5), longestS];
}
