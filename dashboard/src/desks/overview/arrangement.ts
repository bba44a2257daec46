// What a unit is drawn as, and which of its points stands where. The register's kind decides; for kinds that
// this page does not know, what is measured decides.

import type { Point } from "./register";

export type Picture = "tank" | "vessel" | "sphere" | "plan" | "weather" | "list";
export interface Arrangement {
  picture: Picture;
  /** The value that stands large. */
  main: Point | null;
  /** How full it is. */
  fill: Point | null;
  /** What is beside it. */
  rows: Point[];
  detectors: Point[];
}

const KINDS: Record<string, Picture> = {
  storage_tank: "tank",
  pressure_vessel: "vessel",
  sphere: "sphere",
  gas_area: "plan",
  fenceline: "plan",
  weather_station: "weather",
};
const GASES = new Set(["combustible_gas", "toxic_gas", "oxygen"]);
const ROW_ORDER = [
  "level",
  "pressure",
  "temperature",
  "flow",
  "combustible_gas",
  "toxic_gas",
  "oxygen",
  "state",
  "other",
];

export const isGas = (point: { quantity: string }): boolean => GASES.has(point.quantity);

function pictureOf(kind: string, points: readonly Point[]): Picture {
  const known = KINDS[kind];
  if (known === "plan" && !points.some((point) => isGas(point) && point.position)) return "list";
  if (known) return known;
  if (points.some((point) => isGas(point) && point.position)) return "plan";
  if (points.some((point) => point.quantity === "level")) return "tank";
  return points.some((point) => point.quantity === "pressure") ? "vessel" : "list";
}

/** In use before out of use, else as the register has them. */
function firstOf(points: readonly Point[], quantity: string): Point | null {
  const fitting = points.filter((point) => point.quantity === quantity);
  return fitting.find((point) => point.in_use) ?? fitting[0] ?? null;
}

export function arrange(kind: string, points: readonly Point[]): Arrangement {
  const picture = pictureOf(kind, points);
  const level = firstOf(points, "level");
  const pressure = firstOf(points, "pressure");
  const detectors = picture === "plan" ? points.filter(isGas) : [];
  const main = mainOf(picture, level, pressure);
  const fill = ["tank", "vessel", "sphere"].includes(picture) ? level : null;
  const rows = points
    .filter((point) => point !== main && !detectors.includes(point))
    .sort((a, b) => ROW_ORDER.indexOf(a.quantity) - ROW_ORDER.indexOf(b.quantity));
  return { picture, main, fill, rows, detectors };
}

function mainOf(picture: Picture, level: Point | null, pressure: Point | null): Point | null {
  if (picture === "tank") return level ?? pressure;
  if (picture === "vessel" || picture === "sphere") return pressure ?? level;
  return null;
}

/** What the drawn height of a tank stands for: its shell when that is known in the unit of the level. */
export function heightScale(level: Point, heightM: number | null): { low: number; high: number } {
  if (heightM && level.engineering_unit === "m" && heightM >= (level.limits.HH ?? 0)) {
    return { low: Math.min(0, level.range_low), high: heightM };
  }
  return { low: level.range_low, high: level.range_high };
}

/** Places of labels that keep their distance and their order, as near to their ticks as that allows. */
export function spread(wanted: readonly number[], gap: number, from: number, to: number): number[] {
  const order = wanted.map((_, i) => i).sort((a, b) => (wanted[a] ?? 0) - (wanted[b] ?? 0));
  const placed = wanted.map((at) => Math.min(Math.max(at, from), to));
  const at = (n: number) => placed[order[n] ?? 0] ?? 0;
  const put = (n: number, value: number) => (placed[order[n] ?? 0] = value);
  for (let n = 1; n < order.length; n++) put(n, Math.max(at(n), at(n - 1) + gap));
  if (order.length) put(order.length - 1, Math.min(at(order.length - 1), to));
  for (let n = order.length - 2; n >= 0; n--) put(n, Math.min(at(n), at(n + 1) - gap));
  return placed;
}

/** Wind speed and direction of a weather station, found by their units; the register has no word for wind. */
export function windPoints(points: readonly Point[]): { speed: Point | null; direction: Point | null } {
  const others = points.filter((point) => point.quantity === "other" || point.quantity === "flow");
  const by = (...units: string[]) => others.find((point) => units.includes(point.engineering_unit)) ?? null;
  return { speed: by("m/s"), direction: by("deg", "°", "rad") };
}

/** Degrees clockwise from north out of which the wind blows. */
export function degreesFrom(value: number, unit: string): number {
  const degrees = unit === "rad" ? (value * 180) / Math.PI : value;
  return ((degrees % 360) + 360) % 360;
}
