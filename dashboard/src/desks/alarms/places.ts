// What the register says of the places that alarms name: units, installations, and the points themselves.
//
// Points are read unit by unit as rows come into sight; a register of 100,000 points is never read whole.

import { shallowReactive, watchEffect } from "vue";
import { answer, client, type Schemas } from "@/service/client";
import { unitName, usePlaceTree } from "@/service/places";
import type { Alarm } from "@/live/link";

export type Point = Schemas["PointView"];
type Place = Pick<Alarm, "enterprise" | "installation" | "unit">;

const points = shallowReactive(new Map<string, Point>());
const asked = new Map<string, number>();
const MOST_UNITS = 50;
const AGAIN_AFTER_MS = 30_000;

/** Read the points of these places, if that was not done yet. */
async function read(places: Iterable<Place>): Promise<void> {
  const wanted = new Map<string, Place>();
  for (const place of places) {
    const key = `${place.enterprise}/${place.unit}`;
    if (place.unit && performance.now() >= (asked.get(key) ?? -1) && wanted.size < MOST_UNITS)
      wanted.set(key, place);
  }
  if (wanted.size === 0) return;
  for (const key of wanted.keys()) asked.set(key, Infinity);
  const all = [...wanted.values()];
  try {
    const query = {
      enterprise: [...new Set(all.map((place) => place.enterprise))],
      unit: [...new Set(all.map((place) => place.unit))],
      limit: 2000,
    };
    const page = await answer(client.GET("/points", { params: { query: query as never } }));
    for (const point of page.points) points.set(point.id, point);
  } catch {
    // The alarms are shown without engineering units meanwhile, and the register is asked again later.
    for (const key of wanted.keys()) asked.set(key, performance.now() + AGAIN_AFTER_MS);
  }
}

/** The points of the places of these alarms, by id; they arrive by and by. */
export function usePoints(alarms: () => Iterable<Place>): ReadonlyMap<string, Point> {
  watchEffect(() => void read(alarms()));
  return points;
}

export const usePoint = (alarm: () => (Place & Pick<Alarm, "point">) | null | undefined) => {
  watchEffect(() => {
    const place = alarm();
    if (place) void read([place]);
  });
  return () => points.get(alarm()?.point ?? "") ?? null;
};

/** Names of enterprises, installations and units as people say them; ids where the register has none. */
export function useNames() {
  const { data } = usePlaceTree();
  const find = (enterprise: string) => data.value?.enterprises.find((one) => one.id === enterprise);
  return {
    site: data,
    enterprise: (id: string) => find(id)?.name || id,
    installation: (enterprise: string, id: string) =>
      find(enterprise)?.installations.find((one) => one.id === id)?.name || id,
    unit: (place: Place) => unitName(place) || place.unit,
  };
}

/** Tag of a point id: what stands behind its enterprise. */
export const tagOf = (point: string): string => point.slice(point.indexOf("/") + 1);
