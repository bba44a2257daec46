// When will a value reach its next limit if it goes on as now? A projection, not a prediction.
//
// A Theil-Sen line (the median of the slopes of all pairs of samples; P. K. Sen, J. Am. Stat. Assoc. 63 (1968)
// 1379) through the last minutes: a few wild samples do not turn it. When the newest samples leave the line
// the value has bent, and a shorter window is tried. Nothing is said when the rate drowns in the noise, the
// line fits badly, or the data are bad or old: a wrong time to a limit is worse than none.

export interface Sample {
  /** s UTC */
  time: number;
  value: number;
}
export type LimitName = "LL" | "L" | "H" | "HH";
export type Limits = Readonly<Record<LimitName, number | null>>;

export interface Ahead {
  limit: LimitName;
  setpoint: number;
  /** From the newest sample. */
  seconds: number;
}
export type Silent = "few" | "old" | "bad" | "steady" | "poor" | "none-ahead" | "far";
export interface Line {
  /** Unit of the point per second. */
  slope: number;
  /** s UTC and value of the line at the newest sample. */
  time: number;
  value: number;
  windowS: number;
}
export interface Forecast {
  line: Line | null;
  /** Limits in the direction of travel, the nearest first. Empty: `why` says the reason. */
  ahead: Ahead[];
  why: Silent | null;
}

// Defaults of this page, not a regulation.
const WINDOW_PERIODS = 300;
const SHORTEST_WINDOW_S = 60;
const LONGEST_WINDOW_S = 1800;
const USUAL_WINDOW_S = 600;
const FEWEST = 10;
const MOST_SAMPLES = 90; // 4,005 pairs
/** A slope counts when it is this many of its standard errors. */
const SIGNIFICANCE = 6;
/** And when it moved the value by so many times the noise within the window. */
const ABOVE_NOISE = 3;
/** Share of the spread about the middle that may be left about the line. */
const POOR = 0.35;
/** No limit is told that is further away than so many windows. */
const FURTHEST_WINDOWS = 72;
const LATE_PERIODS = 3.5;

/** Seconds of history that a line is put through, for a point that reports each `periodS`. */
export function windowOf(periodS: number): number {
  const wanted = Math.min(USUAL_WINDOW_S, WINDOW_PERIODS * periodS);
  return Math.min(LONGEST_WINDOW_S, Math.max(SHORTEST_WINDOW_S, wanted, 2 * FEWEST * periodS));
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 ? upper : ((sorted[middle - 1] ?? NaN) + upper) / 2;
}

/** Robust standard deviation of the samples about a smooth course, from second differences. */
export function noiseOf(samples: readonly Sample[]): number {
  const bends: number[] = [];
  for (let i = 1; i + 1 < samples.length; i++) {
    const [a, b, c] = [samples[i - 1], samples[i], samples[i + 1]] as [Sample, Sample, Sample];
    const share = (b.time - a.time) / (c.time - a.time || 1);
    const off = b.value - (a.value + share * (c.value - a.value));
    bends.push(Math.abs(off) / Math.sqrt(1 + share ** 2 + (1 - share) ** 2));
  }
  return bends.length ? median(bends) / 0.6745 : 0;
}

/** Evenly chosen, the newest always among them. */
function thinned(samples: readonly Sample[]): Sample[] {
  if (samples.length <= MOST_SAMPLES) return [...samples];
  const step = (samples.length - 1) / (MOST_SAMPLES - 1);
  return Array.from({ length: MOST_SAMPLES }, (_, i) => samples[Math.round(i * step)] as Sample);
}

/** Slope and the value at `time`, both as medians. */
export function theilSen(samples: readonly Sample[], time: number): { slope: number; value: number } {
  const slopes: number[] = [];
  samples.forEach((a, i) => {
    for (const b of samples.slice(i + 1))
      if (b.time > a.time) slopes.push((b.value - a.value) / (b.time - a.time));
  });
  const slope = slopes.length ? median(slopes) : 0;
  return { slope, value: median(samples.map((s) => s.value - slope * (s.time - time))) };
}

interface Fit extends Line {
  noise: number;
  spanS: number;
  count: number;
  bent: boolean;
  /** Median distance from the line, as share of that from the median value. */
  left: number;
}

function fit(all: readonly Sample[], windowS: number, floor: number): Fit | null {
  const last = all.at(-1);
  if (!last) return null;
  const recent = all.filter((sample) => sample.time > last.time - windowS);
  const first = recent[0];
  if (!first || recent.length < FEWEST || last.time - first.time < windowS / 3) return null;
  const used = thinned(recent);
  const { slope, value } = theilSen(used, last.time);
  const residuals = used.map((s) => s.value - value - slope * (s.time - last.time));
  const noise = Math.max(floor, noiseOf(recent));
  const newest = residuals.slice(-Math.max(4, Math.floor(used.length / 6)));
  // The median of n samples wanders by 1.25 noise / sqrt(n); noise of instruments is not white: twice that.
  const bent = Math.abs(median(newest)) > 2.5 * noise * Math.sqrt(4 / newest.length);
  const middle = median(used.map((s) => s.value));
  const spread = median(used.map((s) => Math.abs(s.value - middle)));
  const left = spread > 0 ? median(residuals.map(Math.abs)) / spread : 1;
  return {
    slope,
    time: last.time,
    value,
    windowS,
    noise,
    spanS: last.time - first.time,
    count: recent.length,
    bent,
    left,
  };
}

/** The longest window whose newest samples still lie on its line. */
function straightest(samples: readonly Sample[], periodS: number, floor: number): Fit | null {
  let found: Fit | null = null;
  for (let windowS = windowOf(periodS); windowS >= FEWEST * periodS; windowS /= 2) {
    const tried = fit(samples, windowS, floor);
    if (tried) found = tried;
    if (tried && !tried.bent) return tried;
  }
  return found;
}

function reasonAgainst(line: Fit): Silent | null {
  const moved = Math.abs(line.slope) * line.spanS;
  const error = (line.noise * Math.sqrt(12 / line.count)) / line.spanS;
  if (moved < ABOVE_NOISE * line.noise || Math.abs(line.slope) < SIGNIFICANCE * error) return "steady";
  return line.bent || line.left > POOR ? "poor" : null;
}

function limitsAhead(line: Line, newest: number, limits: Limits): Ahead[] {
  const names: LimitName[] = line.slope > 0 ? ["H", "HH"] : ["L", "LL"];
  const sign = Math.sign(line.slope);
  return names.flatMap((limit) => {
    const setpoint = limits[limit];
    // What is reached already is told by its alarm.
    if (setpoint === null || sign * newest >= sign * setpoint) return [];
    return [{ limit, setpoint, seconds: Math.max(0, (setpoint - line.value) / line.slope) }];
  });
}

const none = (why: Silent, line: Line | null = null): Forecast => ({ line, ahead: [], why });

/**
 * `samples`: the last minutes, good ones only, rising in time. `age`: of the newest, s; null: unknown.
 * `span`: of the instrument's range; a ten-thousandth of it is the least noise that is believed.
 */
export function forecast(
  samples: readonly Sample[],
  point: { periodS: number; span: number; limits: Limits },
  newest: { quality: string; age: number | null },
): Forecast {
  if (newest.quality !== "good") return none("bad");
  if (newest.age === null || newest.age > Math.max(5, LATE_PERIODS * point.periodS)) return none("old");
  const line = straightest(samples, point.periodS, Math.abs(point.span) * 1e-4);
  const last = samples.at(-1);
  if (!line || !last) return none("few");
  const against = reasonAgainst(line);
  if (against) return none(against);
  const ahead = limitsAhead(line, last.value, point.limits);
  if (!ahead.length) return none("none-ahead", line);
  const near = ahead.filter((one) => one.seconds <= FURTHEST_WINDOWS * windowOf(point.periodS));
  return near.length ? { line, ahead: near, why: null } : none("far", line);
}

/** An advisory of the gateway's own detector `time_to_limit`: its figure when it began, s. */
export interface Told {
  limit: LimitName | null;
  onset: number; // s UTC
  figure: number;
}

/** Seconds that are left of what the gateway has told; null when that time has passed. */
export function leftOf(told: Told, now: number): number | null {
  const left = told.figure - (now - told.onset);
  return left > 0 ? left : null;
}
