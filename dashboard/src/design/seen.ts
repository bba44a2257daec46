// Is an element on the screen, or nearly? What is not costs nothing: it is not drawn and follows no value.

import { onBeforeUnmount, onMounted, ref, type Ref } from "vue";

const NEAR = "400px 0px";
const calls = new WeakMap<Element, (seen: boolean) => void>();
let observer: IntersectionObserver | null = null;

function watching(): IntersectionObserver {
  observer ??= new IntersectionObserver(
    (entries) => entries.forEach((entry) => calls.get(entry.target)?.(entry.isIntersecting)),
    { rootMargin: NEAR },
  );
  return observer;
}

export function useSeen(element: Readonly<Ref<HTMLElement | null>>): Readonly<Ref<boolean>> {
  const seen = ref(false);
  let observed: HTMLElement | null = null;
  onMounted(() => {
    observed = element.value;
    if (!observed) return;
    calls.set(observed, (now) => (seen.value = now));
    watching().observe(observed);
  });
  onBeforeUnmount(() => {
    if (observed) watching().unobserve(observed);
  });
  return seen;
}
