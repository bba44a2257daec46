// The tree of the register and the points of its units. Points are asked for when a unit comes into sight;
// what comes into sight together is asked for together.

import { computed, toValue, type MaybeRefOrGetter } from "vue";
import { useAsked } from "@/service/asking";
import { answer, client, type Schemas } from "@/service/client";

export type Point = Schemas["PointView"];
export type Unit = Schemas["UnitView"];
export type Installation = Schemas["InstallationView"];
export type Enterprise = Schemas["EnterpriseView"];

export interface Address {
  enterprise: string;
  installation: string;
  unit: string;
}
/** A unit with where it is. */
export interface Placed extends Address {
  key: string;
  info: Unit;
}

export const keyOf = (at: Address): string => `${at.enterprise}/${at.installation}/${at.unit}`;

const MOST_UNITS = 60;
const GATHER_MS = 15;
const PAGE = 2000;

export function unitsOf(enterprise: Enterprise, installation: Installation): Placed[] {
  return installation.units.map((info) => {
    const at = { enterprise: enterprise.id, installation: installation.id, unit: info.id };
    return { ...at, key: keyOf(at), info };
  });
}

interface Waiting {
  at: Address;
  give: (points: Point[]) => void;
  fail: (error: unknown) => void;
}
let waiting: Waiting[] = [];

function askUnit(at: Address): Promise<Point[]> {
  return new Promise((give, fail) => {
    if (!waiting.length) setTimeout(askTogether, GATHER_MS);
    waiting.push({ at, give, fail });
  });
}

function askTogether(): void {
  const groups = new Map<string, Waiting[]>();
  for (const one of waiting) {
    const key = `${one.at.enterprise}/${one.at.installation}`;
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  waiting = [];
  for (const group of groups.values()) {
    for (let i = 0; i < group.length; i += MOST_UNITS) void settle(group.slice(i, i + MOST_UNITS));
  }
}

async function settle(group: Waiting[]): Promise<void> {
  const first = group[0];
  if (!first) return;
  try {
    const points = await pointsIn({
      enterprise: [first.at.enterprise],
      installation: [first.at.installation],
      unit: group.map((one) => one.at.unit),
    });
    for (const { at, give } of group) give(points.filter((point) => point.unit === at.unit));
  } catch (error) {
    for (const { fail } of group) fail(error);
  }
}

async function pointsIn(where: {
  enterprise: string[];
  installation: string[];
  unit?: string[];
}): Promise<Point[]> {
  const found: Point[] = [];
  let after: string | null = null;
  do {
    const query = { ...where, limit: PAGE, ...(after ? { after } : {}) };
    const page: Schemas["PointPage"] = await answer(client.GET("/points", { params: { query } }));
    found.push(...page.points);
    after = page.next;
  } while (after);
  return found;
}

/** Every point of an installation. */
export function useInstallationPoints(at: MaybeRefOrGetter<Omit<Address, "unit">>) {
  const where = () => ({ enterprise: [toValue(at).enterprise], installation: [toValue(at).installation] });
  return useAsked(
    () => ["points", "installation", where().enterprise[0], where().installation[0]],
    () => pointsIn(where()),
  );
}

export function useUnitPoints(at: MaybeRefOrGetter<Address>) {
  const asked = useAsked(
    () => ["points", keyOf(toValue(at))],
    () => askUnit(toValue(at)),
  );
  return { ...asked, points: computed(() => asked.data.value ?? []) };
}
