// What a person or a key is given to see.

import { usePlaceTree } from "@/service/places";
import { computed } from "vue";
import type { Schemas } from "@/service/client";
import { words } from "./words";

export interface Scope {
  everything: boolean;
  enterprises: string[];
  regions: string[];
}
export const noScope = (): Scope => ({ everything: false, enterprises: [], regions: [] });

/** Enterprises by id, and the regions that they lie in: `city`, and `city/district`. */
export function usePlaces() {
  const { data, query } = usePlaceTree();
  const enterprises = computed(() => data.value?.enterprises ?? []);
  return { enterprises, regions: computed(() => regionsOf(enterprises.value)), query };
}

export function regionsOf(
  enterprises: readonly Pick<Schemas["EnterpriseView"], "city" | "district">[],
): string[] {
  const found = enterprises.flatMap(({ city, district }) =>
    city ? (district ? [city, `${city}/${district}`] : [city]) : [],
  );
  return [...new Set(found)].sort((a, b) => a.localeCompare(b, "zh-CN"));
}

export function scopeText(scope: Scope): string {
  if (scope.everything) return words.value.scope.all;
  return [...scope.enterprises, ...scope.regions].join("、") || words.value.scope.nothing;
}
