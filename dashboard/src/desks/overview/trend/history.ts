// History of several points over one time, with what has come live since. What fails is told point by point.

import { computed, toValue, type MaybeRefOrGetter } from "vue";
import { tick } from "@/live/ages";
import { useAsked } from "@/service/asking";
import { asProblem, type Problem } from "@/service/problem";
import { continued, courseOf, gapAfter, usualStep, type Course } from "../course";
import { useRecents } from "../recent";
import type { Point } from "../register";
import { askTrend } from "./asking";
import type { Span } from "./span";

const MOST_SAMPLES = 1500;
const NOTHING: Course = { times: [], values: [], qualities: [] };

export interface Told {
  point: Point;
  course: Course;
  /** Seconds after which a line is interrupted. */
  gapS: number;
}

type Found = Map<string, Course | Problem>;

async function askAll(ids: readonly string[], from: number, to: number): Promise<Found> {
  const settled = await Promise.allSettled(ids.map((id) => askTrend(id, from, to, MOST_SAMPLES)));
  const found = settled.map((one): Course | Problem =>
    one.status === "fulfilled" ? courseOf(one.value) : asProblem(one.reason),
  );
  const first = settled[0];
  if (first?.status === "rejected" && settled.every((one) => one.status === "rejected")) throw first.reason;
  return new Map(ids.map((id, i) => [id, found[i] ?? NOTHING]));
}

export function useHistory(points: MaybeRefOrGetter<readonly Point[]>, span: Span) {
  const ids = computed(() => toValue(points).map((point) => point.id));
  const recents = useRecents(ids);
  const { data, query } = useAsked(
    () => ["trend", ids.value.join(), span.asked.value.key],
    () => askAll(ids.value, span.asked.value.from, span.asked.value.to),
    { keep: true, when: () => ids.value.length > 0 },
  );
  const told = computed(() => {
    void tick.value;
    return toValue(points).map((point): Told => {
      const kept = data.value?.get(point.id);
      const history = kept && "times" in kept ? kept : NOTHING;
      const course = span.isLive.value ? continued(history, recents.of(point.id).rows) : history;
      return { point, course, gapS: gapAfter(point.period_s, usualStep(history.times)) };
    });
  });
  const failed = computed(() =>
    toValue(points).flatMap((point) => {
      const kept = data.value?.get(point.id);
      return kept && "sentence" in kept ? [{ point, problem: kept }] : [];
    }),
  );
  return { told, failed, query };
}
