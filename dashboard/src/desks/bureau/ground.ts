// The ground of the map when no tiles are set: degrees, and where the districts' installations are. Everything
// comes from the register; no map data of anybody is copied.

import type { Schemas } from "@/service/client";
import { boundsOf, metresPerPixel, project, type Spot, type View } from "./mercator";
import type { Place } from "./places";

export interface GridLine {
  label: string;
  from: Spot;
  to: Spot;
  along: "meridian" | "parallel";
}
export interface DistrictLabel extends Spot {
  name: string;
  count: number;
}

const STEPS = [30, 10, 5, 2, 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001, 0.0005];
const APART = 110; // pixels between lines, at least

/** Degrees between two lines, so that they stand comfortably apart. */
export function gridStep(view: View): number {
  const seen = boundsOf(view);
  const perPixel = (seen.east - seen.west) / view.width;
  return [...STEPS].reverse().find((step) => step / perPixel >= APART) ?? 30;
}

export function graticule(view: View): GridLine[] {
  const step = gridStep(view);
  const { west, east, south, north } = boundsOf(view);
  const meridians = multiples(step, west, east).map((longitude): GridLine => ({
    label: degreesText(longitude, step, "E", "W"),
    from: { longitude, latitude: south },
    to: { longitude, latitude: north },
    along: "meridian",
  }));
  const parallels = multiples(step, south, north).map((latitude): GridLine => ({
    label: degreesText(latitude, step, "N", "S"),
    from: { longitude: west, latitude },
    to: { longitude: east, latitude },
    along: "parallel",
  }));
  return [...meridians, ...parallels];
}

/** The name of each district above its installations: where they are, not where its border is. */
export function districtLabels(places: readonly Place[]): DistrictLabel[] {
  const spots = new Map<string, Spot[]>();
  for (const place of places) {
    if (!place.spot || !place.district) continue;
    const known = spots.get(place.district);
    if (known) known.push(place.spot);
    else spots.set(place.district, [place.spot]);
  }
  return [...spots].map(([name, all]) => ({
    name,
    count: all.length,
    longitude: median(all.map((spot) => spot.longitude)),
    latitude: Math.max(...all.map((spot) => spot.latitude)),
  }));
}

/** Where the labels of two districts would lie on each other: the smaller one gives way. */
export function readable(labels: readonly DistrictLabel[], view: View): DistrictLabel[] {
  const kept: { label: DistrictLabel; x: number; y: number }[] = [];
  for (const label of [...labels].sort((a, b) => b.count - a.count)) {
    const at = project(view, label);
    if (kept.every((other) => Math.abs(other.x - at.x) > 90 || Math.abs(other.y - at.y) > 28))
      kept.push({ label, ...at });
  }
  return kept.map(({ label }) => label);
}

const COARSEST_M = 4; // metres a pixel: a tank is then a few pixels wide
const MOST_NEAR = 40;

/** Whose units can be seen in their size; nobody's from further away. */
export function enterprisesNear(places: readonly Place[], view: View): string[] {
  if (metresPerPixel(view) > COARSEST_M) return [];
  const { west, east, south, north } = boundsOf(view);
  const seen = places.filter(
    ({ spot }) =>
      spot &&
      spot.longitude > west &&
      spot.longitude < east &&
      spot.latitude > south &&
      spot.latitude < north,
  );
  return [...new Set(seen.map((place) => place.enterprise))].sort().slice(0, MOST_NEAR);
}

/** What of the register has an extent: tanks and vessels as circles of their true diameter. */
export function footprints(site: readonly Schemas["EnterpriseView"][]): Spot[][] {
  return site
    .flatMap((enterprise) => enterprise.installations)
    .flatMap((installation) => installation.units)
    .flatMap((unit) => {
      const spot = unit.position;
      return spot && unit.diameter_m ? [ring(spot, unit.diameter_m / 2)] : [];
    });
}

const CORNERS = 32;
const METRES_PER_DEGREE = 111_195; // of latitude, on the mean sphere

function ring(middle: Spot, radius: number): Spot[] {
  const north = radius / METRES_PER_DEGREE;
  const east = north / Math.cos((middle.latitude * Math.PI) / 180);
  return Array.from({ length: CORNERS + 1 }, (_, corner) => {
    const angle = (2 * Math.PI * corner) / CORNERS;
    return {
      longitude: middle.longitude + east * Math.cos(angle),
      latitude: middle.latitude + north * Math.sin(angle),
    };
  });
}

function multiples(step: number, low: number, high: number): number[] {
  const found: number[] = [];
  for (let n = Math.ceil(low / step); n * step <= high; n += 1) found.push(n * step);
  return found;
}

function degreesText(degrees: number, step: number, positive: string, negative: string): string {
  const decimals = Math.max(0, Math.ceil(-Math.log10(step)));
  const text = Math.abs(degrees).toFixed(decimals);
  return `${text}° ${Number(text) === 0 ? "" : degrees < 0 ? negative : positive}`.trim();
}

function median(numbers: number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return sorted.length % 2
    ? (sorted[Math.floor(middle)] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}
