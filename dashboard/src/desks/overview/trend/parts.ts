// How a long time is asked for: in parts so small that the service thins none of them.

import type { Window } from "./windows";

export const MOST_SAMPLES = 10_000;
/** Instruments send a little oftener than they promise. */
const SPARE = 0.8;
/** A file of more parts would keep gateway and person waiting for minutes. */
const MOST_PARTS = 80;

export interface Part extends Window {
  thinned: boolean;
}

/** Parts of at most so many samples; when there would be too many, fewer ones that the service thins. */
export function partsOf(window: Window, periodS: number): Part[] {
  const wanted = Math.ceil((window.to - window.from) / (MOST_SAMPLES * SPARE * periodS));
  const count = Math.max(1, Math.min(MOST_PARTS, wanted));
  const length = (window.to - window.from) / count;
  return Array.from({ length: count }, (_, i) => ({
    from: window.from + i * length,
    to: window.from + (i + 1) * length,
    thinned: wanted > MOST_PARTS,
  }));
}
