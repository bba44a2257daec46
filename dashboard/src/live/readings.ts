// What a point's newest value is worth now, and a way to show it that costs little: text is written into the
// page directly, and only the grade, which seldom changes, is reactive.

import {
  onMounted,
  onScopeDispose,
  shallowRef,
  toValue,
  watch,
  type MaybeRefOrGetter,
  type ShallowRef,
} from "vue";
import { freshnessOf, tick } from "./ages";
import { ageOf, values, type Newest } from "./desk";
import { onPoint } from "./values";

/** late: older than it should be, still shown with its age; the last three show no number as if it were true. */
export type Grade = "good" | "late" | "doubtful" | "bad" | "silent" | "unused";
export interface Reading {
  grade: Grade;
  quality: string;
  /** null: nothing that may be believed. */
  value: number | null;
  /** s; null: unknown. */
  age: number | null;
}
export interface Read {
  id: string;
  period_s: number;
  in_use: boolean;
}
export const NEVER = "bad_waiting_for_initial_data";
const BELIEVED: ReadonlySet<Grade> = new Set<Grade>(["good", "late", "doubtful"]);

function gradeOf(point: Read, quality: string, age: number | null): Grade {
  if (!point.in_use) return "unused";
  const fresh = freshnessOf(age, point.period_s);
  if (fresh === "silent" || fresh === "never") return "silent";
  if (quality.startsWith("bad")) return "bad";
  return quality === "good" ? (fresh === "late" ? "late" : "good") : "doubtful";
}

export function readingOf(point: Read, newest: Newest | undefined, age: number | null): Reading {
  const quality = newest?.quality ?? NEVER;
  const grade = gradeOf(point, quality, age);
  return { grade, quality, age, value: BELIEVED.has(grade) ? (newest?.value ?? null) : null };
}

export function readingNow(point: Read): Reading {
  const newest = values.get(point.id);
  return readingOf(point, newest, newest ? ageOf(newest) : null);
}

const painters = new Set<() => void>();
watch(tick, () => painters.forEach((call) => call()), { flush: "post" });

/**
 * Many points at once, without anything reactive for each: `paint` is called for a point that has a new value
 * (at most once a frame), and for all of them once a second, because they grow old. `points` is read anew when
 * the list itself is another.
 */
export function useReadings<P extends Read>(
  points: MaybeRefOrGetter<readonly P[]>,
  paint: (point: P, reading: Reading) => void,
): void {
  let stops: (() => void)[] = [];
  const paintAll = (): void => toValue(points).forEach((point) => paint(point, readingNow(point)));
  const leave = (): void => stops.forEach((stop) => stop());
  watch(
    () => toValue(points),
    (now) => {
      leave();
      stops = now.map((point) => onPoint(point.id, () => paint(point, readingNow(point))));
      paintAll();
    },
    { immediate: true, flush: "post" },
  );
  painters.add(paintAll);
  onMounted(paintAll);
  onScopeDispose(() => {
    leave();
    painters.delete(paintAll);
  });
}

/**
 * Calls `paint` when the point has a new value (at most once a frame) and once a second, because it grows old;
 * `paint` writes into elements itself. The result is reactive, and changes only with grade and quality.
 */
export function useReading(
  point: MaybeRefOrGetter<Read>,
  paint: (reading: Reading) => void = () => undefined,
): Readonly<ShallowRef<Pick<Reading, "grade" | "quality">>> {
  const state = shallowRef<Pick<Reading, "grade" | "quality">>(readingNow(toValue(point)));
  let stop = (): void => undefined;
  const show = (): void => {
    const reading = readingNow(toValue(point));
    if (reading.grade !== state.value.grade || reading.quality !== state.value.quality) {
      state.value = { grade: reading.grade, quality: reading.quality };
    }
    paint(reading);
  };
  watch(
    () => toValue(point).id,
    (id) => {
      stop();
      stop = onPoint(id, show);
      show();
    },
    { immediate: true },
  );
  painters.add(show);
  onMounted(show);
  onScopeDispose(() => {
    stop();
    painters.delete(show);
  });
  return state;
}
