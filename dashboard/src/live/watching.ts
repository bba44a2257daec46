// What is shown now, put together from every component that shows something: the link carries no more.

import { onScopeDispose, toValue, watch, type MaybeRefOrGetter } from "vue";
import { watchOnly } from "./desk";
import type { Watch } from "./link";

const wishes = new Map<symbol, Watch>();
let planned = false;
let said = "";

export function everyWish(): Watch {
  const all = [...wishes.values()];
  return {
    installations: [...new Set(all.flatMap((wish) => wish.installations))].sort(),
    points: [...new Set(all.flatMap((wish) => wish.points))].sort(),
  };
}

/** Ask for the values of whole installations (`E001/H01`) or single points while this component lives. */
export function useWatch(wanted: MaybeRefOrGetter<Partial<Watch>>): void {
  const own = Symbol("watch");
  watch(
    () => toValue(wanted),
    (wish) => {
      wishes.set(own, { installations: wish.installations ?? [], points: wish.points ?? [] });
      plan();
    },
    { immediate: true, deep: true },
  );
  onScopeDispose(() => {
    wishes.delete(own);
    plan();
  });
}

/** Many components come and go in one moment: the service is told once. */
function plan(): void {
  if (planned) return;
  planned = true;
  setTimeout(() => {
    planned = false;
    const wish = everyWish();
    const now = JSON.stringify(wish);
    if (now === said) return;
    said = now;
    watchOnly(wish);
  }, 30);
}

/** After the link was made anew. */
export function forgetSaid(): void {
  said = JSON.stringify(everyWish());
}
