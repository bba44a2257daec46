// What answers the typed words: pages and places at once, points when the service has found them.

import { computed, ref, watch, type Ref } from "vue";
import { useAsked } from "@/service/asking";
import { answer, client } from "@/service/client";
import { usePlaceTree } from "@/service/places";
import { may } from "@/service/session";
import { allowedEntries } from "../router";
import { actionHits, installationHits, pageHits, pointHits, unitHits, type Hit } from "./hits";
import { ranked } from "./rank";

const WAIT_MS = 160;
/** Points that are asked for; a unit has some ten of them, and is found through them. */
const MOST_ASKED = 60;
const MOST = { pages: 6, places: 6, points: 8 };

export function useFound(typed: Ref<string>) {
  const asked = ref("");
  let timer: ReturnType<typeof setTimeout> | undefined;
  watch(typed, (now) => {
    clearTimeout(timer);
    timer = setTimeout(() => (asked.value = now.trim()), WAIT_MS);
  });
  const { data, query } = useAsked(
    () => ["points", "search", asked.value, MOST_ASKED],
    () => answer(client.GET("/points", { params: { query: { text: asked.value, limit: MOST_ASKED } } })),
    { when: () => asked.value.length > 0 && may("point.read"), keep: true },
  );
  const { data: site } = usePlaceTree();
  const points = computed(() => (asked.value ? (data.value?.points ?? []) : []));
  // Once, while the jump is open: reading both languages turns the switch, which no computed value may do.
  const pages = pageHits(allowedEntries.value);
  const actions = actionHits();
  const enterprises = computed(() => site.value?.enterprises ?? []);
  const places = computed(() => installationHits(enterprises.value, may("warning.sign")));

  const namesOf = (hit: Hit): readonly string[] => hit.names;
  const hits = computed((): Hit[] => {
    const text = typed.value.trim();
    if (!text) return pages;
    return [
      ...ranked([...pages, ...actions], namesOf, text).slice(0, MOST.pages),
      ...ranked([...unitHits(points.value, enterprises.value), ...places.value], namesOf, text).slice(
        0,
        MOST.places,
      ),
      ...pointHits(points.value).slice(0, MOST.points),
    ];
  });
  const isAsking = computed(
    () => typed.value.trim() !== "" && (asked.value !== typed.value.trim() || query.value.isPending),
  );
  return { hits, isAsking, query };
}
