// Lists that the service gives page by page: the first at once, the others by "more".

import { useInfiniteQuery, type QueryKey } from "@tanstack/vue-query";
import { computed, toValue, type MaybeRefOrGetter } from "vue";

/** `after` of the next page. Some lists count in numbers; here all of them are texts. */
type Cursor = string | null;
interface Page {
  next: string | number | null;
}
const cursorOf = (page: Page): Cursor => (page.next === null ? null : String(page.next));

/** `usePages(() => ["shifts", desk, "log"], (after) => answer(...), (page) => page.entries)`. */
export function usePages<P extends Page, R>(
  key: MaybeRefOrGetter<QueryKey>,
  ask: (after: Cursor) => Promise<P>,
  rowsOf: (page: P) => R[],
  options: { when?: MaybeRefOrGetter<boolean>; everyS?: number } = {},
) {
  const found = useInfiniteQuery({
    queryKey: computed(() => toValue(key)),
    queryFn: ({ pageParam }) => ask(pageParam),
    initialPageParam: null as Cursor,
    getNextPageParam: cursorOf,
    enabled: computed(() => toValue(options.when ?? true)),
    refetchInterval: options.everyS ? options.everyS * 1000 : false,
  });
  return {
    rows: computed<R[]>(() => found.data.value?.pages.flatMap(rowsOf) ?? []),
    pages: computed<P[]>(() => found.data.value?.pages ?? []),
    hasMore: found.hasNextPage,
    more: (): void => void found.fetchNextPage(),
    busy: found.isFetchingNextPage,
    query: computed(() => ({
      isPending: found.isPending.value && toValue(options.when ?? true),
      error: found.error.value,
      refetch: () => void found.refetch(),
    })),
  };
}

/** Every page, one after the other; for lists that are needed whole. */
export async function everyPage<P extends Page, R>(
  ask: (after: Cursor) => Promise<P>,
  rowsOf: (page: P) => R[],
): Promise<R[]> {
  const rows: R[] = [];
  let after: Cursor = null;
  do {
    const page: P = await ask(after);
    rows.push(...rowsOf(page));
    after = cursorOf(page);
  } while (after !== null);
  return rows;
}
