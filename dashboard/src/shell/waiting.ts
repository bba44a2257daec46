// How much waits behind the entries of the menu: asked after the page itself, and seldom.

import { computed, ref, type Ref } from "vue";
import type { QueryKey } from "@tanstack/vue-query";
import { useAsked } from "@/service/asking";
import { may } from "@/service/session";
import type { Entry } from "./desks";

/** What the page shows comes first. */
const AFTER_MS = 1500;
const EVERY_S = 60;
const isRested = ref(false);
setTimeout(() => (isRested.value = true), AFTER_MS);

/** Is it time to ask for the numbers, and may this person know them? Reactive. */
export const isCounted = (permission: string): boolean => isRested.value && may(permission);

/** A number from one small question. The first element of the key is the topic of the news that makes it old;
 * who lacks the permission is told of none. */
export function useCount(
  key: QueryKey,
  permission: string,
  ask: () => Promise<number>,
): Readonly<Ref<number>> {
  const { data } = useAsked(key, ask, { everyS: EVERY_S, when: () => isCounted(permission) });
  return computed(() => (may(permission) ? (data.value ?? 0) : 0));
}

/** The numbers of these entries, by the name of their route. */
export function useWaiting(entries: readonly Entry[]): Ref<ReadonlyMap<string, number>> {
  const counts = entries.map(({ to, waits }) => [to, waits?.()] as const);
  return computed(() => new Map(counts.map(([to, count]) => [to, count?.value ?? 0])));
}

/** As it is written beside an entry: two digits are enough to know that there is much to do. */
export const countText = (count: number): string => (count > 99 ? "99+" : String(count));
