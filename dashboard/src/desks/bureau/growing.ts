// A list that is read page by page as one scrolls, and anew as a whole when something in it changes.

import { computed, ref, toValue, watch, type MaybeRefOrGetter } from "vue";
import { useAsked } from "@/service/asking";

interface Read<T> {
  rows: T[];
  next: string | null;
}

/** `key` names what is asked for; another key begins with the first page again. */
export function useGrowing<T>(
  key: MaybeRefOrGetter<readonly string[]>,
  page: (after: string | undefined) => Promise<Read<T>>,
  options: { everyS?: number } = {},
) {
  const pages = ref(1);
  watch(
    () => toValue(key).join(" "),
    () => (pages.value = 1),
  );
  const { data, query } = useAsked<Read<T>>(
    () => [...toValue(key), pages.value],
    async () => {
      const rows: T[] = [];
      let next: string | null = null;
      for (let number = 0; number < pages.value; number += 1) {
        const read = await page(next ?? undefined);
        rows.push(...read.rows);
        next = read.next;
        if (next === null) break;
      }
      return { rows, next };
    },
    { keep: true, ...options },
  );
  return {
    rows: computed(() => data.value?.rows ?? []),
    hasMore: computed(() => (data.value?.next ?? null) !== null),
    more: () => {
      if (data.value?.next) pages.value += 1;
    },
    query,
  };
}
