// What a person or a key is given to see.

import { usePlaceTree } from "@/service/places";
import { computed } from "vue";
import type { Schemas } from "@/service/client";
import { several } from "@/words/language";
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
  const names = computed(() => new Map(enterprises.value.map((one) => [one.id, one.name])));
  return { enterprises, names, regions: computed(() => regionsOf(enterprises.value)), query };
}

export function regionsOf(
  enterprises: readonly Pick<Schemas["EnterpriseView"], "city" | "district">[],
): string[] {
  const found = enterprises.flatMap(({ city, district }) =>
    city ? (district ? [city, `${city}/${district}`] : [city]) : [],
  );
  return [...new Set(found)].sort((a, b) => a.localeCompare(b, "zh-CN"));
}

const NAMED = 3;

/** What of the register somebody sees, by names; of many enterprises the first, and how many there are. */
export function scopeText(scope: Scope, names: ReadonlyMap<string, string>): string {
  if (scope.everything) return words.value.scope.all;
  const enterprises = scope.enterprises.slice(0, NAMED).map((id) => names.get(id) || id);
  const more = scope.enterprises.length > NAMED ? [words.value.scope.count(scope.enterprises.length)] : [];
  return several([...enterprises, ...more, ...scope.regions]) || words.value.scope.nothing;
}
