// Which slide of the wall is shown, as a pure function of what happened. Times are ms of any clock that rises.

export interface Cycle {
  /** Which slide, from 0. */
  index: number;
  /** Since when. */
  since: number;
  paused: boolean;
  /** Somebody chose this slide: also an urgent alarm lets it stand for its time. */
  byHand: boolean;
}
export interface Slides {
  count: number;
  everyMs: number;
  /** Place of the alarm slide. */
  alarms: number;
  /** Something critical that nobody has answered. */
  urgent: boolean;
}

export function beginning(now: number): Cycle {
  return { index: 0, since: now, paused: false, byHand: false };
}

/** An arrow: so many slides on or back, around the end. */
export function step(cycle: Cycle, by: number, count: number, now: number): Cycle {
  if (count < 1) return cycle;
  return { ...cycle, index: (((cycle.index + by) % count) + count) % count, since: now, byHand: true };
}

/** Space: stay, or go on; going on gives the slide its whole time again. */
export function pause(cycle: Cycle, now: number): Cycle {
  return { ...cycle, paused: !cycle.paused, since: now };
}

/**
 * What time does. Something urgent shows the alarms and keeps them, also while paused, until it is answered;
 * after that they stand for one more turn.
 */
export function pass(cycle: Cycle, slides: Slides, now: number): Cycle {
  if (slides.count < 1) return cycle;
  const here = cycle.index < slides.count ? cycle : { ...cycle, index: 0, since: now, byHand: false };
  const over = now - here.since >= slides.everyMs;
  if (slides.urgent) {
    if (here.index === slides.alarms) return { ...here, since: now, byHand: false };
    return here.byHand && !over ? here : { ...here, index: slides.alarms, since: now, byHand: false };
  }
  if (here.paused || !over) return here;
  return { ...here, index: (here.index + 1) % slides.count, since: now, byHand: false };
}

/** How much of its time a slide has had, 0 to 1. */
export function elapsed(cycle: Cycle, slides: Slides, now: number): number {
  if (cycle.paused || slides.urgent) return 0;
  return Math.min(1, Math.max(0, (now - cycle.since) / slides.everyMs));
}
