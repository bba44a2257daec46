// A point's newest value for a component. Changes are gathered and told once a frame, to those that show them.

import { onScopeDispose, shallowRef, toValue, watch, type MaybeRefOrGetter, type ShallowRef } from "vue";
import { onValues, values, type Newest } from "./desk";

const shown = new Map<string, Set<() => void>>();
let waiting: Set<string> | "all" | null = null;

onValues((points) => {
  if (waiting === null) requestAnimationFrame(tell);
  if (points === null || waiting === "all") waiting = "all";
  else {
    waiting ??= new Set();
    for (const point of points) if (shown.has(point)) waiting.add(point);
  }
});

function tell(): void {
  const told = waiting === "all" ? shown.keys() : (waiting ?? []);
  waiting = null;
  for (const point of [...told]) shown.get(point)?.forEach((call) => call());
}

/** Call this when the newest value of a point may have changed; returns how to stop. */
export function onPoint(point: string, call: () => void): () => void {
  const calls = shown.get(point) ?? new Set();
  shown.set(point, calls.add(call));
  return () => {
    calls.delete(call);
    if (calls.size === 0) shown.delete(point);
  };
}

/** The newest value of a point, as long as the component lives; undefined: never heard of. */
export function usePoint(point: MaybeRefOrGetter<string>): Readonly<ShallowRef<Newest | undefined>> {
  const newest = shallowRef<Newest | undefined>();
  let stop = (): void => undefined;
  watch(
    () => toValue(point),
    (id) => {
      stop();
      newest.value = values.get(id);
      stop = onPoint(id, () => (newest.value = values.get(id)));
    },
    { immediate: true },
  );
  onScopeDispose(() => stop());
  return newest;
}
