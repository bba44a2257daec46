// Enterprises and installations in sight, without their units, which are most of the register's tree; and the
// units of one enterprise, when a page shows them. Nobody needs the units of a whole region at once.

import { computed, shallowReactive, toValue, type MaybeRefOrGetter } from "vue";
import { queries, useAsked } from "./asking";
import { answer, client, type Schemas } from "./client";

type Enterprise = Schemas["EnterpriseView"];

export function usePlaceTree(when: MaybeRefOrGetter<boolean> = true) {
  return useAsked(
    ["site", "places"],
    () => answer(client.GET("/site", { params: { query: { units: false } } })),
    { when },
  );
}

const keyOf = (enterprise: string) => ["site", "enterprise", enterprise];
const read = async (enterprise: string): Promise<Enterprise | null> =>
  (await answer(client.GET("/site", { params: { query: { enterprise: [enterprise] } } }))).enterprises[0] ??
  null;

/** One enterprise with its units; null if there is none of this id in sight, undefined until it is known. */
export function useEnterprise(enterprise: MaybeRefOrGetter<string>) {
  const { data, query } = useAsked<Enterprise | null>(
    () => keyOf(toValue(enterprise)),
    () => read(toValue(enterprise)),
    { when: () => toValue(enterprise) !== "" },
  );
  return { enterprise: computed(() => data.value), query };
}

const unitNames = shallowReactive(new Map<string, ReadonlyMap<string, string>>());

async function learnUnits(enterprise: string): Promise<void> {
  unitNames.set(enterprise, new Map());
  try {
    const known = await queries.fetchQuery({
      queryKey: keyOf(enterprise),
      queryFn: () => read(enterprise),
    });
    const named = (known?.installations ?? []).flatMap((installation) =>
      installation.units.map((unit) => [`${installation.id}/${unit.id}`, unit.name] as const),
    );
    unitNames.set(enterprise, new Map(named));
  } catch {
    unitNames.delete(enterprise); // until then units are called by their ids; whoever shows one asks again
  }
}

/** The name of a unit as people say it; "" until the enterprise's units have been read. */
export function unitName(at: { enterprise: string; installation: string; unit: string }): string {
  if (!at.enterprise || !at.unit) return "";
  const known = unitNames.get(at.enterprise);
  if (!known) void learnUnits(at.enterprise);
  return known?.get(`${at.installation}/${at.unit}`) ?? "";
}
