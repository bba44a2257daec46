// The rules that fit the filters, page by page: the table has a row for each of them, and asks for those it shows.

import { ref, shallowReactive, shallowRef, watch, type Ref } from "vue";
import { answer, client, type Schemas } from "@/service/client";
import { asProblem, type Problem } from "@/service/problem";

export type Line = Schemas["RuleLine"];
export interface Filters {
  text: string;
  enterprise: string;
  point: string;
  detector: string;
  priority: string;
  class: string;
  origin: string;
  in_force: string;
}
export interface Slot {
  place: number;
}

export const PAGE = 100;
/** Rows of the table at most. No browser draws a page of more than some 30 million pixels, and rows are made for
 *  the whole list at once: who seeks one rule among half a million searches or filters. */
export const MOST_ROWS = 100_000;
const some = (value: string): string[] | undefined => (value ? [value] : undefined);

/** As the service takes them. */
export function queryOf(filters: Filters) {
  return {
    text: filters.text || undefined,
    enterprise: filters.enterprise || undefined,
    point: filters.point || undefined,
    detector: some(filters.detector),
    priority: some(filters.priority) as Schemas["RuleLine"]["priority"][] | undefined,
    class: some(filters.class) as Schemas["RuleLine"]["rule_class"][] | undefined,
    origin: some(filters.origin) as Line["origin"][] | undefined,
    in_force: filters.in_force === "" ? undefined : filters.in_force === "true",
  } as never;
}

/** Rows for all rules that fit; `line(place)` is the rule there, once it has come. */
export function useBook(filters: Ref<Filters>) {
  const total = ref<number | null>(null);
  const slots = shallowRef<readonly Slot[]>([]);
  const problem = ref<Problem | null>(null);
  const lines = shallowReactive(new Map<number, Line>());
  const asked = new Set<number>();
  let turn = 0;

  async function load(page: number): Promise<void> {
    if (asked.has(page)) return;
    asked.add(page);
    const mine = turn;
    try {
      const query = { ...(queryOf(filters.value) as object), skip: page * PAGE, limit: PAGE };
      const found = await answer(client.GET("/rules", { params: { query } }));
      if (mine !== turn) return;
      problem.value = null;
      found.rules.forEach((line, index) => lines.set(page * PAGE + index, line));
      if (total.value !== found.total) {
        total.value = found.total;
        slots.value = Array.from({ length: Math.min(found.total, MOST_ROWS) }, (_, place) => ({ place }));
      }
    } catch (error) {
      asked.delete(page);
      if (mine === turn) problem.value = asProblem(error);
    }
  }

  function again(): void {
    turn += 1;
    asked.clear();
    lines.clear();
    void load(0);
  }

  watch(filters, again, { immediate: true, deep: true });

  return {
    total,
    slots,
    problem,
    again,
    line(place: number): Line | undefined {
      const found = lines.get(place);
      if (!found) queueMicrotask(() => void load(Math.floor(place / PAGE)));
      return found;
    },
  };
}
