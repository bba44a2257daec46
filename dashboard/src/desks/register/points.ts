// The points that fit the filters, page after page as the table is scrolled; values are live, not from here.

import { ref, shallowRef, watch, type Ref } from "vue";
import { answer, client, type Schemas } from "@/service/client";
import { asProblem, type Problem } from "@/service/problem";

export type Point = Schemas["PointView"];
export interface Filters {
  enterprise: string;
  installation: string;
  unit: string;
  quantity: string;
  state: string;
  text: string;
}

const PAGE = 200;
const one = (value: string): string[] | undefined => (value ? [value] : undefined);

export function usePoints(filters: Ref<Filters>) {
  const points = shallowRef<Point[]>([]);
  const problem = ref<Problem | null>(null);
  const pending = ref(true);
  let next: string | null = null;
  let turn = 0;
  let asking = false;

  async function load(): Promise<void> {
    if (asking) return;
    asking = true;
    const mine = turn;
    const wanted = filters.value;
    try {
      const page: Schemas["PointPage"] = await answer(
        client.GET("/points", {
          params: {
            query: {
              enterprise: one(wanted.enterprise),
              installation: one(wanted.installation),
              unit: one(wanted.unit),
              quantity: one(wanted.quantity) as Schemas["PointView"]["quantity"][] as never,
              state: one(wanted.state) as Point["state"][] | undefined,
              text: wanted.text || undefined,
              limit: PAGE,
              after: next ?? undefined,
            },
          },
        }),
      );
      if (mine !== turn) return;
      problem.value = null;
      points.value = next === null ? page.points : [...points.value, ...page.points];
      next = page.next;
    } catch (error) {
      if (mine === turn) problem.value = asProblem(error);
    } finally {
      if (mine === turn) {
        asking = false;
        pending.value = false;
      }
    }
  }

  function again(): void {
    turn += 1;
    asking = false;
    next = null;
    pending.value = true;
    void load();
  }

  watch(filters, again, { immediate: true, deep: true });

  return {
    points,
    problem,
    pending,
    again,
    more: (): void => {
      if (next !== null) void load();
    },
  };
}
