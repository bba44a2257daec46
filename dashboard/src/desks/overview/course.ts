// The course of a point over a time: history as it was stored, joined with what has come since, with its gaps.

export interface Course {
  /** s UTC, rising. */
  times: number[];
  /** null: a gap, or a bad sample. */
  values: (number | null)[];
  qualities: string[];
}
export interface Stretch {
  from: number;
  to: number;
  quality: string;
}
export interface Row {
  time: number;
  value: number | null;
  quality: string;
}

const GAP_PERIODS = 3.5;
const isBad = (quality: string): boolean => quality.startsWith("bad");
const isDoubtful = (quality: string): boolean => quality.startsWith("uncertain");

/** History from the service: ns UTC. */
export function courseOf(trend: {
  source_time: readonly number[];
  value: readonly (number | null)[];
  quality: readonly string[];
}): Course {
  return {
    times: trend.source_time.map((ns) => ns / 1e9),
    values: trend.value.map((value, i) => (isBad(trend.quality[i] ?? "bad") ? null : value)),
    qualities: [...trend.quality],
  };
}

/** What is newer than the history goes behind it. */
export function continued(history: Course, live: readonly Row[]): Course {
  const last = history.times.at(-1) ?? -Infinity;
  const newer = live.filter((row) => row.time > last);
  if (!newer.length) return history;
  return {
    times: [...history.times, ...newer.map((row) => row.time)],
    values: [...history.values, ...newer.map((row) => (isBad(row.quality) ? null : row.value))],
    qualities: [...history.qualities, ...newer.map((row) => row.quality)],
  };
}

/** A line is interrupted after so many seconds without a sample. `thinnedS`: usual distance after thinning. */
export function gapAfter(periodS: number, thinnedS: number): number {
  return Math.max(GAP_PERIODS * periodS, 2.5 * thinnedS, 2);
}

/** The course with a null in the middle of each silence, so that no line is drawn through it. */
export function withGaps(course: Course, gapS: number): { times: number[]; values: (number | null)[] } {
  const times: number[] = [];
  const values: (number | null)[] = [];
  course.times.forEach((time, i) => {
    const before = course.times[i - 1];
    if (before !== undefined && time - before > gapS) {
      times.push((before + time) / 2);
      values.push(null);
    }
    times.push(time);
    values.push(course.values[i] ?? null);
  });
  return { times, values };
}

/** Usual distance of neighbours; a history that was thinned has fewer samples than were taken. */
export function usualStep(times: readonly number[]): number {
  const steps = times.slice(1).map((time, i) => time - (times[i] ?? time));
  const sorted = steps.sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length * 0.75)] ?? 0;
}

/** Stretches of one kind of quality that is not good, each until the next sample. */
export function stretches(course: Course, kind: "bad" | "doubtful"): Stretch[] {
  const test = kind === "bad" ? isBad : isDoubtful;
  const found: Stretch[] = [];
  course.times.forEach((time, i) => {
    const quality = course.qualities[i] ?? "bad";
    if (!test(quality)) return;
    const to = course.times[i + 1] ?? time;
    const open = found.at(-1);
    if (open && open.quality === quality && open.to === time) open.to = to;
    else found.push({ from: time, to, quality });
  });
  return found;
}

export interface Bucket {
  from: number;
  to: number;
  lowest: number | null;
  highest: number | null;
  last: number | null;
  samples: number;
  bad: number;
}

/** The course in a few lines, for those who cannot see the picture. */
export function inBuckets(course: Course, from: number, to: number, count: number): Bucket[] {
  const width = (to - from) / count;
  const buckets = Array.from({ length: count }, (_, i): Bucket => ({
    from: from + i * width,
    to: from + (i + 1) * width,
    lowest: null,
    highest: null,
    last: null,
    samples: 0,
    bad: 0,
  }));
  course.times.forEach((time, i) => {
    const bucket = buckets[Math.floor((time - from) / width)];
    if (!bucket) return;
    const value = course.values[i] ?? null;
    bucket.samples += 1;
    if (value === null) return void (bucket.bad += 1);
    bucket.lowest = bucket.lowest === null ? value : Math.min(bucket.lowest, value);
    bucket.highest = bucket.highest === null ? value : Math.max(bucket.highest, value);
    bucket.last = value;
  });
  return buckets.filter((bucket) => bucket.samples > 0);
}

const quoted = (text: string): string => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** Lines of a CSV file: time (ISO 8601 UTC), point, value, unit, quality. A bad sample keeps its raw value. */
export function csvLines(
  point: { id: string; engineering_unit: string },
  trend: { source_time: readonly number[]; value: readonly (number | null)[]; quality: readonly string[] },
): string[] {
  return trend.source_time.map((ns, i) =>
    [
      new Date(ns / 1e6).toISOString(),
      quoted(point.id),
      trend.value[i] ?? "",
      quoted(point.engineering_unit),
      trend.quality[i] ?? "",
    ].join(","),
  );
}
export const CSV_HEAD = "time,point,value,unit,quality";
