// What was answered keeps its place until the page is left: nothing slides under the thumb.

import { shallowRef } from "vue";

interface Named {
  id: string;
}

/** The rows that are there, and those that were kept, each where it stood when it was pressed. */
export function inPlace<T extends Named>(
  rows: readonly T[],
  kept: ReadonlyMap<string, T>,
  order: (a: T, b: T) => number,
): T[] {
  return [...rows.filter((row) => !kept.has(row.id)), ...kept.values()].sort(order);
}

/** What was pressed, as it was in that moment. */
export function useKept<T extends Named>() {
  const kept = shallowRef<ReadonlyMap<string, T>>(new Map());
  return {
    kept,
    keep(row: T): void {
      if (!kept.value.has(row.id)) kept.value = new Map(kept.value).set(row.id, row);
    },
  };
}
