// How many rows of a list have room on the wall: measured, because screens differ in size and in letters.

import { nextTick, onBeforeUnmount, onMounted, ref, watch, type Ref } from "vue";

const BEFORE_MEASURED = 8;

/** Rows that are shown of `total`, in pixels of one height; where not all fit, one line says how many more. */
export function rowsIn(room: number, row: number, total: number): number {
  const fit = Math.max(1, Math.floor(room / row));
  return total <= fit ? total : Math.max(1, fit - 1);
}

export function useRoom(list: Ref<HTMLElement | null>, total: Ref<number>): Ref<number> {
  const rows = ref(BEFORE_MEASURED);
  function measure(): void {
    const heights = [...(list.value?.children ?? [])].map((row) => row.getBoundingClientRect().height);
    const highest = Math.max(0, ...heights);
    if (list.value && highest > 0) rows.value = rowsIn(list.value.clientHeight, highest, total.value);
  }
  let observer: ResizeObserver | null = null;
  onMounted(() => {
    if (!list.value) return;
    observer = new ResizeObserver(measure);
    observer.observe(list.value);
  });
  watch(total, () => void nextTick(measure));
  onBeforeUnmount(() => observer?.disconnect());
  return rows;
}
