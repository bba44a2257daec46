// The rows of the list as they are drawn: in the order of urgency, held still while somebody points at them.

import { computed, ref, shallowRef, watch } from "vue";
import { tick } from "@/live/ages";
import { alarmNow } from "@/live/desk";
import type { Alarm } from "@/live/link";
import { readUntil, rowsOf, settle, type Row } from "./steady";

// Long enough to read a row and press; short enough that a pointer left lying there hides nothing for long.
const HELD_MS = 6000;

export function useSteady(wanted: () => readonly Alarm[]) {
  const heldUntil = ref(0);
  let moved = 0;
  const rows = shallowRef<readonly Row[]>([]);
  const fresh = shallowRef<readonly Alarm[]>([]);
  const held = computed(() => {
    void tick.value;
    return performance.now() < heldUntil.value;
  });

  function draw(alarms: readonly Alarm[], isHeld: boolean): void {
    const known = new Map(alarms.map((alarm) => [alarm.id, alarm]));
    const drawn = new Map(rows.value.map((row) => [row.id, row.alarm]));
    const settled = settle([...drawn.keys()], [...known.keys()], isHeld);
    const left = new Set(rows.value.flatMap((row) => (row.gone ? row.id : [])));
    rows.value = rowsOf(settled.order, known, drawn, alarmNow);
    if (rows.value.some((row) => row.gone && !left.has(row.id)))
      heldUntil.value = readUntil(heldUntil.value, moved, performance.now());
    fresh.value = settled.fresh.flatMap((id) => known.get(id) ?? []);
  }

  watch([wanted, held], ([alarms, isHeld]) => draw(alarms, isHeld), { immediate: true });

  return {
    rows,
    fresh,
    held,
    /** Somebody moves the pointer over the list, or a key in it. */
    hold(): void {
      moved = performance.now();
      heldUntil.value = moved + HELD_MS;
    },
    release: () => (heldUntil.value = 0),
    /** Another list altogether: nothing of the old one is kept. */
    begin(): void {
      heldUntil.value = 0;
      rows.value = [];
      draw(wanted(), false);
    },
  };
}
