// An installation as the bureau's desk sees it, and which of them one wants to see.

import type { LocationQuery, LocationQueryRaw } from "vue-router";
import type { Schemas } from "@/service/client";
import { LEVELS, rank, type LevelName } from "./level";
import type { Spot } from "./mercator";
import type { Overdue } from "./overdue";

export interface Place {
  /** `E001/H01` */
  id: string;
  enterprise: string;
  installation: string;
  enterpriseName: string;
  name: string;
  district: string;
  city: string;
  hazardClass: number | null;
  level: LevelName;
  /** ns UTC: since when it has this level. */
  since: number;
  /** By hand, and not by the policy. */
  byHand: boolean;
  /** Open alarms, those that are put aside too, as its card lists them. */
  alarms: number;
  spot: Spot | null;
  /** Points in use. */
  points: number;
  /** Points in use that send nothing. */
  silent: number;
  bad: number;
  /** So much is missing that its level says little: a condition of the data, and none of the colours. */
  cutOff: boolean;
  /** What is late there, with what its enterprise as a whole owes. */
  overdue: readonly Overdue[];
}

export type PlaceState = "alarms" | "cut-off" | "offline" | "overdue";
export const STATES: readonly PlaceState[] = ["alarms", "cut-off", "offline", "overdue"];

export interface PlaceFilter {
  city: string;
  district: string;
  hazardClass: string;
  levels: LevelName[];
  state: PlaceState | "";
  text: string;
}

export const EVERYTHING: PlaceFilter = {
  city: "",
  district: "",
  hazardClass: "",
  levels: [],
  state: "",
  text: "",
};

const HOLDS: Record<PlaceState, (place: Place) => boolean> = {
  alarms: (place) => place.alarms > 0,
  "cut-off": (place) => place.cutOff,
  offline: (place) => place.silent > 0,
  overdue: (place) => place.overdue.length > 0,
};

export function matches(place: Place, filter: PlaceFilter): boolean {
  if (filter.city && place.city !== filter.city) return false;
  if (filter.district && place.district !== filter.district) return false;
  if (filter.hazardClass && String(place.hazardClass ?? "none") !== filter.hazardClass) return false;
  if (filter.levels.length && !filter.levels.includes(place.level)) return false;
  if (filter.state && !HOLDS[filter.state](place)) return false;
  const said = `${place.name} ${place.enterpriseName} ${place.id} ${place.district}`.toLowerCase();
  return filter.text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => said.includes(word));
}

/** From so many points without a usable value data count as cut off (default, not a regulation) ... */
const CUT_OFF_POINTS = 10;
/** ... and from this share of the points in use, where there are few (default, not a regulation). */
const CUT_OFF_SHARE = 0.25;

/** Without a usable value: a level that rests on what is left is not to be taken for safety. */
export const missingOf = (place: Pick<Place, "silent" | "bad">): number => place.silent + place.bad;

export function isCutOff(place: Pick<Place, "points" | "silent" | "bad">): boolean {
  const missing = missingOf(place);
  return missing > 0 && (missing >= CUT_OFF_POINTS || missing >= CUT_OFF_SHARE * place.points);
}

/** Without a level: what has alarms, then what is cut off, then what is in order. */
const unrest = (place: Place): number =>
  place.level === "none" ? (place.alarms > 0 ? 2 : 0) + (place.cutOff ? 1 : 0) : 0;

/** The most urgent level first, the newest of a level first, as the service has them; silence before order. */
export function byUrgency(a: Place, b: Place): number {
  return (
    rank(b.level) - rank(a.level) || unrest(b) - unrest(a) || b.since - a.since || a.id.localeCompare(b.id)
  );
}

export function filterOf(query: LocationQuery): PlaceFilter {
  const text = (name: string): string => {
    const value = query[name];
    return (Array.isArray(value) ? value[0] : value) ?? "";
  };
  const state = text("state");
  return {
    city: text("city"),
    district: text("district"),
    hazardClass: text("class"),
    levels: LEVELS.filter((level) => text("level").split(",").includes(level)),
    state: STATES.find((known) => known === state) ?? "",
    text: text("text"),
  };
}

/** Only what is asked for stands in the address. */
export function queryOf(filter: PlaceFilter): LocationQueryRaw {
  const all = {
    city: filter.city,
    district: filter.district,
    class: filter.hazardClass,
    level: filter.levels.join(","),
    state: filter.state,
    text: filter.text,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ""));
}

/** How many of each level; all levels are there. */
export function countLevels(places: readonly Place[]): Record<LevelName, number> {
  const counts = Object.fromEntries(LEVELS.map((level) => [level, 0])) as Record<LevelName, number>;
  for (const place of places) counts[place.level] += 1;
  return counts;
}

/**
 * What is late at each of these installations. What an enterprise as a whole owes, or owes for an installation
 * that is not among them, stands at each of its own: nothing that is counted elsewhere is missing here.
 */
function overdueAt(late: readonly Overdue[], ids: readonly string[]): Map<string, Overdue[]> {
  const found = new Map<string, Overdue[]>(ids.map((id) => [id, []]));
  const ofEnterprise = new Map<string, string[]>();
  for (const id of ids) {
    const enterprise = id.slice(0, id.indexOf("/"));
    ofEnterprise.set(enterprise, [...(ofEnterprise.get(enterprise) ?? []), id]);
  }
  for (const one of late) {
    const id = `${one.at.enterprise}/${one.at.installation}`;
    const where = found.has(id) ? [id] : (ofEnterprise.get(one.at.enterprise) ?? []);
    for (const its of where) found.get(its)?.push(one);
  }
  return found;
}

/** Matters that are late at any of these, each once. */
export const lateOf = (places: readonly Place[]): number =>
  new Set(places.flatMap((place) => place.overdue.map((one) => one.key))).size;

const dataOf = (count?: Schemas["PointCounts"]): Pick<Place, "points" | "silent" | "bad"> => ({
  points: (count?.points ?? 0) - (count?.out_of_service ?? 0),
  silent: (count?.silent ?? 0) + (count?.never ?? 0),
  bad: count?.bad ?? 0,
});

/**
 * Put together from what the service tells of each installation. `open`: open alarms by installation; null where
 * they are not all known here, then those that the level weighed stand for them.
 */
export function placesOf(
  levels: readonly Schemas["LevelView"][],
  site: readonly Schemas["EnterpriseView"][],
  points: readonly Schemas["PointCounts"][],
  late: readonly Overdue[],
  open: ReadonlyMap<string, number> | null,
): Place[] {
  const spots = new Map<string, Spot | null>(
    site.flatMap((enterprise) =>
      enterprise.installations.map((one) => [`${enterprise.id}/${one.id}`, one.position] as const),
    ),
  );
  const counts = new Map<string, Schemas["PointCounts"]>(
    points.map((one) => [`${one.enterprise}/${one.installation}`, one]),
  );
  const overdue = overdueAt(
    late,
    levels.map((level) => `${level.enterprise}/${level.installation}`),
  );
  return levels
    .map((level): Place => {
      const id = `${level.enterprise}/${level.installation}`;
      const data = dataOf(counts.get(id));
      return {
        id,
        enterprise: level.enterprise,
        installation: level.installation,
        enterpriseName: level.enterprise_name || level.enterprise,
        name: level.name || level.installation,
        district: level.district,
        city: level.city,
        hazardClass: level.hazard_class,
        level: level.level,
        since: level.since,
        byHand: level.adjustment !== null,
        alarms: open ? (open.get(id) ?? 0) : level.active_alarms,
        spot: spots.get(id) ?? null,
        ...data,
        cutOff: isCutOff(data),
        overdue: overdue.get(id) ?? [],
      };
    })
    .sort(byUrgency);
}
