// Which weather station says the wind of an installation: its own, else the nearest of its enterprise.

import type { ComputedRef, InjectionKey } from "vue";
import { unitsOf, type Enterprise, type Installation, type Placed } from "./register";

const METRES_A_DEGREE = 111_195;

function distance(a: Installation["position"], b: Installation["position"]): number {
  if (!a || !b) return Infinity;
  const east = (a.longitude - b.longitude) * Math.cos((a.latitude * Math.PI) / 180);
  return METRES_A_DEGREE * Math.hypot(east, a.latitude - b.latitude);
}

/** Wind further away says nothing of here. A default of this page. */
const FURTHEST_M = 3000;

export function windStation(enterprise: Enterprise, installation: Installation): Placed | null {
  const stations = (of: Installation) =>
    unitsOf(enterprise, of).filter((unit) => unit.info.kind === "weather_station");
  const own = stations(installation)[0];
  if (own) return own;
  const others = enterprise.installations
    .flatMap((of) => stations(of))
    .map((station) => ({ station, metres: distance(station.info.position, installation.position) }))
    .filter(({ metres }) => metres <= FURTHEST_M)
    .sort((a, b) => a.metres - b.metres);
  return others[0]?.station ?? null;
}

/** Whose wind is drawn beside the units of an installation. */
export const STATION: InjectionKey<ComputedRef<Placed | null>> = Symbol("station");
