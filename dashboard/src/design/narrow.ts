// Is this a phone? Tables of many columns say the most needed in two there.

import { onBeforeUnmount, ref, type Ref } from "vue";

const PHONE_PX = 700;
/** Without room for a menu beside the page. */
export const NO_MENU_PX = 899;

/** Reactive: the page is no wider than this. */
export function useNarrow(px = PHONE_PX): Ref<boolean> {
  const asked = matchMedia(`(max-width: ${px}px)`);
  const narrow = ref(asked.matches);
  const take = (): void => void (narrow.value = asked.matches);
  asked.addEventListener("change", take);
  onBeforeUnmount(() => asked.removeEventListener("change", take));
  return narrow;
}
