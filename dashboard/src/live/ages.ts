// One clock for everything on the page that grows old: it ticks once a second while the page is seen.

import { readonly, ref } from "vue";
import { ageOf, serviceNow, type Newest } from "./desk";

const second = ref(0);
setInterval(() => (second.value += 1), 1000);

/** Changes each second: read it where something depends on the time. */
export const tick = readonly(second);

/** ms UTC on the service's clock, reactive to the second. */
export function now(): number {
  void second.value;
  return serviceNow();
}

export type Freshness = "fresh" | "late" | "silent" | "never";
const LATE_AFTER_PERIODS = 3.5;
const SILENT_AFTER_PERIODS = 10;
const SILENT_AFTER_S = 60; // an instrument's clock may be wrong by less

/** Seconds, reactive; null when nothing was ever heard. */
export function ageNow(newest: Newest | undefined): number | null {
  void second.value;
  return newest ? ageOf(newest) : null;
}

/** How much a value of this age says about now, by the period in which its instrument reports. */
export function freshnessOf(age: number | null, periodS: number): Freshness {
  if (age === null) return "never";
  if (age > Math.max(SILENT_AFTER_S, SILENT_AFTER_PERIODS * periodS)) return "silent";
  return age > Math.max(2, LATE_AFTER_PERIODS * periodS) ? "late" : "fresh";
}

export const freshness = (newest: Newest | undefined, periodS: number): Freshness =>
  freshnessOf(ageNow(newest), periodS);
