// Stretches of time that a trend shows. Pure.

/** Room behind now in which a projection is seen. */
const AHEAD = 0.15;
const SHORTEST_S = 10;
/** The axis moves on when this share of it has passed: a pixel or so. */
const STEP = 1 / 1000;
/** s UTC */
export interface Window {
  from: number;
  to: number;
}

export function liveWindow(nowS: number, seconds: number): Window {
  const step = Math.max(1, seconds * STEP);
  const end = Math.floor(nowS / step) * step;
  return { from: end - seconds, to: end + AHEAD * seconds };
}

/** A share of what is shown, earlier (-) or later (+). */
export function shifted(window: Window, share: number): Window {
  const by = (window.to - window.from) * share;
  return { from: window.from + by, to: window.to + by };
}

/** A dragged stretch, never shorter than can be read. */
export function zoomed(from: number, to: number): Window {
  const middle = (from + to) / 2;
  const half = Math.max(SHORTEST_S, to - from) / 2;
  return { from: middle - half, to: middle + half };
}
