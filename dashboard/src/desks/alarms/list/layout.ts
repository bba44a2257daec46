// How a row of the list looks by the room that it has: all columns, the most needed ones, or a card.

import { onBeforeUnmount, onMounted, ref, type Ref } from "vue";

export type Layout = "wide" | "medium" | "card";

const WIDE_FROM = 1100;
const MEDIUM_FROM = 640;
export const ROW_HEIGHT: Record<Layout, number> = { wide: 68, medium: 68, card: 108 };
export const GRID: Record<Layout, string> = {
  wide: "1.5rem 7rem 5.7rem minmax(7.6rem, 0.8fr) minmax(13rem, 1.5fr) minmax(11rem, 2fr) 6rem 6.9rem 8.6rem",
  medium: "1.5rem 7rem 5.7rem minmax(6.5rem, 1.2fr) minmax(11.5rem, 2fr) 6rem 8.6rem",
  card: "1.5rem 1fr auto",
};

export function useLayout(element: Ref<HTMLElement | null>): Ref<Layout> {
  const layout = ref<Layout>("wide");
  let observer: ResizeObserver | null = null;
  onMounted(() => {
    if (!element.value) return;
    observer = new ResizeObserver(([entry]) => {
      const width = entry?.contentRect.width ?? 0;
      if (width === 0) return; // hidden while the list is empty
      layout.value = width >= WIDE_FROM ? "wide" : width >= MEDIUM_FROM ? "medium" : "card";
    });
    observer.observe(element.value);
  });
  onBeforeUnmount(() => observer?.disconnect());
  return layout;
}
