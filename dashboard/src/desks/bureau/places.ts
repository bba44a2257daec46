// An installation as the bureau's desk sees it, and which of them one wants to see.

import type { LocationQuery, LocationQueryRaw } from "vue-router";
import type { Schemas } from "@/service/client";
import { LEVELS, rank, type LevelName } from "./level";
import type { Spot } from "./mercator";

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
  activeAlarms: number;
  spot: Spot | null;
  points: number;
  /** Points in use that send nothing. */
  silent: number;
  bad: number;
  /** Steps and orders that are late. */
  overdue: number;
}

export type PlaceState = "alarms" | "offline" | "overdue";
export const STATES: readonly PlaceState[] = ["alarms", "offline", "overdue"];

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
  alarms: (place) => place.activeAlarms > 0,
  offline: (place) => place.silent > 0,
  overdue: (place) => place.overdue > 0,
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

/** The most urgent level first, the newest of a level first, as the service has them. */
export function byUrgency(a: Place, b: Place): number {
  return rank(b.level) - rank(a.level) || b.since - a.since || a.id.localeCompare(b.id);
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

/** Put together from what the service tells of each installation. */
export function placesOf(
  levels: readonly Schemas["LevelView"][],
  site: readonly Schemas["EnterpriseView"][],
  points: readonly Schemas["PointCounts"][],
  late: readonly { enterprise: string; installation: string }[],
): Place[] {
  const spots = new Map<string, Spot | null>(
    site.flatMap((enterprise) =>
      enterprise.installations.map((one) => [`${enterprise.id}/${one.id}`, one.position] as const),
    ),
  );
  const counts = new Map<string, Schemas["PointCounts"]>(
    points.map((one) => [`${one.enterprise}/${one.installation}`, one]),
  );
  const overdue = new Map<string, number>();
  for (const one of late) {
    const id = `${one.enterprise}/${one.installation}`;
    overdue.set(id, (overdue.get(id) ?? 0) + 1);
  }
  return levels
    .map((level): Place => {
      const id = `${level.enterprise}/${level.installation}`;
      const count = counts.get(id);
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
        activeAlarms: level.active_alarms,
        spot: spots.get(id) ?? null,
        points: count?.points ?? 0,
        silent: (count?.silent ?? 0) + (count?.never ?? 0),
        bad: count?.bad ?? 0,
        overdue: overdue.get(id) ?? 0,
      };
    })
    .sort(byUrgency);
}
