// Which time a trend shows: a span that ends now and goes on, or a time that was chosen and stands still.

import { computed, ref, shallowRef } from "vue";
import { now, tick } from "@/live/ages";
import { liveWindow, shifted, zoomed, type Window } from "./windows";

export type SpanName = "m10" | "h1" | "h8" | "h24" | "d7";
export const SPANS: Record<SpanName, number> = { m10: 600, h1: 3600, h8: 28_800, h24: 86_400, d7: 604_800 };
export const SPAN_NAMES = Object.keys(SPANS) as SpanName[];

/** History is asked for anew after this share of the span; live values fill what is between. */
const ANEW = 1 / 60;
const OFTENEST_S = 20;

export function useSpan(first: SpanName = "h1") {
  const name = ref<SpanName>(first);
  const fixed = shallowRef<Window | null>(null);
  const seconds = computed(() => (fixed.value ? fixed.value.to - fixed.value.from : SPANS[name.value]));
  const nowS = computed(() => (void tick.value, now() / 1000));
  const shown = computed((): Window => fixed.value ?? liveWindow(nowS.value, seconds.value));
  const everyS = computed(() => Math.max(OFTENEST_S, seconds.value * ANEW));
  /** Of what is asked from history; of a live span it changes only now and then. */
  const asked = computed((): Window & { key: string } => {
    if (fixed.value) return { ...fixed.value, key: `${fixed.value.from}-${fixed.value.to}` };
    const turn = Math.floor(nowS.value / everyS.value);
    const end = turn * everyS.value + 2 * everyS.value;
    return { from: turn * everyS.value - seconds.value, to: end, key: `${name.value}-${turn}` };
  });
  return {
    name,
    shown,
    asked,
    nowS,
    isLive: computed(() => fixed.value === null),
    choose(wanted: SpanName): void {
      name.value = wanted;
      fixed.value = null;
    },
    live: () => void (fixed.value = null),
    zoom: (from: number, to: number) => void (fixed.value = zoomed(from, to)),
    shift: (share: number) => void (fixed.value = shifted(shown.value, share)),
  };
}
export type Span = ReturnType<typeof useSpan>;
