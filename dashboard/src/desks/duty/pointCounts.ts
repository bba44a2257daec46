// How many points are online and how many of them give no usable value, always of how many.

export interface PointCounts {
  points: number;
  good: number;
  uncertain: number;
  bad: number;
  silent: number;
  never: number;
  out_of_service: number;
}
export interface Standing {
  inUse: number;
  /** In use and heard of lately, whatever the quality. */
  online: number;
  offline: number;
  bad: number;
  /** null: nothing is in use, nothing is online. */
  onlineShare: number | null;
  /** Of those online. */
  badShare: number | null;
}

export function standingOf(counts: PointCounts): Standing {
  const inUse = counts.points - counts.out_of_service;
  const offline = counts.silent + counts.never;
  const online = inUse - offline;
  return {
    inUse,
    online,
    offline,
    bad: counts.bad,
    onlineShare: inUse > 0 ? online / inUse : null,
    badShare: online > 0 ? counts.bad / online : null,
  };
}

const KEYS = ["points", "good", "uncertain", "bad", "silent", "never", "out_of_service"] as const;

/** Sums by what `keyOf` says, in the order in which they first occur. */
export function sumBy<C extends PointCounts>(
  all: readonly C[],
  keyOf: (one: C) => string,
): Map<string, PointCounts> {
  const sums = new Map<string, PointCounts>();
  for (const one of all) {
    const key = keyOf(one);
    const sum = sums.get(key) ?? {
      points: 0,
      good: 0,
      uncertain: 0,
      bad: 0,
      silent: 0,
      never: 0,
      out_of_service: 0,
    };
    for (const name of KEYS) sum[name] += one[name];
    sums.set(key, sum);
  }
  return sums;
}

/** Counts of single points. */
export function countOf(state: Exclude<keyof PointCounts, "points">): PointCounts {
  return { points: 1, good: 0, uncertain: 0, bad: 0, silent: 0, never: 0, out_of_service: 0, [state]: 1 };
}

/** The worst first: fewest online, then most bad; places without points in use last. */
export function byWorst(a: Standing, b: Standing): number {
  if (a.onlineShare === null || b.onlineShare === null)
    return Number(a.onlineShare === null) - Number(b.onlineShare === null);
  return a.onlineShare - b.onlineShare || (b.badShare ?? 0) - (a.badShare ?? 0) || b.bad - a.bad;
}
