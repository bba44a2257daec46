// Is this a phone? Tables of many columns say the most needed in two there.

import { onBeforeUnmount, ref, type Ref } from "vue";

const NARROW = "(max-width: 700px)";

export function useNarrow(): Ref<boolean> {
  const asked = matchMedia(NARROW);
  const narrow = ref(asked.matches);
  const take = (): void => void (narrow.value = asked.matches);
  asked.addEventListener("change", take);
  onBeforeUnmount(() => asked.removeEventListener("change", take));
  return narrow;
}
