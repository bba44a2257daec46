// The sounds of the horn: one pattern for each priority, made here, so that no file has to be loaded.
//
// Not the melodies of a standard: a choice of this project. The more urgent, the higher, faster and denser.

import type { Alarm } from "@/live/link";

export type Priority = Alarm["priority"];
interface Beep {
  /** Seconds from the beginning of the pattern. */
  at: number;
  lasts: number;
  hertz: number;
}
interface Pattern {
  /** Seconds after which it begins anew. */
  every: number;
  beeps: readonly Beep[];
}

export const PATTERNS: Record<Priority, Pattern> = {
  CRITICAL: {
    every: 0.8,
    beeps: [
      { at: 0, lasts: 0.18, hertz: 1040 },
      { at: 0.2, lasts: 0.18, hertz: 780 },
      { at: 0.4, lasts: 0.18, hertz: 1040 },
    ],
  },
  HIGH: {
    every: 1.8,
    beeps: [
      { at: 0, lasts: 0.22, hertz: 740 },
      { at: 0.34, lasts: 0.22, hertz: 740 },
      { at: 0.68, lasts: 0.22, hertz: 740 },
    ],
  },
  MEDIUM: {
    every: 3.5,
    beeps: [
      { at: 0, lasts: 0.28, hertz: 560 },
      { at: 0.45, lasts: 0.28, hertz: 560 },
    ],
  },
  LOW: { every: 6, beeps: [{ at: 0, lasts: 0.4, hertz: 420 }] },
};

const RAMP_S = 0.012;

/** One round of a pattern as samples from -1 to 1; a tone with overtones is found more easily than a pure one. */
export function render(priority: Priority, sampleRate: number): Float32Array<ArrayBuffer> {
  const { every, beeps } = PATTERNS[priority];
  const samples = new Float32Array(Math.round(every * sampleRate));
  for (const { at, lasts, hertz } of beeps) {
    const begin = Math.round(at * sampleRate);
    const count = Math.round(lasts * sampleRate);
    for (let i = 0; i < count; i += 1) {
      const time = i / sampleRate;
      const edge = Math.min(1, time / RAMP_S, (lasts - time) / RAMP_S); // no click at its edges
      const turn = 2 * Math.PI * hertz * time;
      samples[begin + i] =
        edge * (0.6 * Math.sin(turn) + 0.25 * Math.sin(2 * turn) + 0.12 * Math.sin(3 * turn));
    }
  }
  return samples;
}
