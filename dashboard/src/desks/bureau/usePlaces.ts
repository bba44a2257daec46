// Every installation in sight with its level, where it is, how its data come, its open alarms, and what is late.

import { computed } from "vue";
import { hiddenAlarms, shownAlarms } from "@/live/alarmList";
import { alarms, isBegun, openAlarms } from "@/live/desk";
import { useAsked } from "@/service/asking";
import { answer, client } from "@/service/client";
import { usePlaceTree } from "@/service/places";
import { everyLevel } from "./asking";
import { placesOf } from "./places";
import { namesFrom, useOverdue } from "./useOverdue";

const POINTS_EVERY_S = 10;

/** Open alarms of each installation; null while the live link does not carry all of them. */
function countOpen(): Map<string, number> | null {
  if (!isBegun.value || alarms.value.size < openAlarms.value) return null;
  const counts = new Map<string, number>();
  for (const { enterprise, installation } of [...shownAlarms.value, ...hiddenAlarms.value]) {
    const id = `${enterprise}/${installation}`;
    counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  return counts;
}

export function usePlaces() {
  const levels = useAsked(["levels", "all"], everyLevel, { everyS: 60 });
  const site = usePlaceTree();
  const points = useAsked(["points", "summary"], () => answer(client.GET("/points/summary")), {
    everyS: POINTS_EVERY_S,
  });
  const { all: overdue, sources } = useOverdue(namesFrom(() => site.data.value?.enterprises));
  const open = computed(countOpen);
  const places = computed(() =>
    placesOf(
      levels.data.value ?? [],
      site.data.value?.enterprises ?? [],
      points.data.value?.installations ?? [],
      overdue.value,
      open.value,
    ),
  );
  // What stands beside the levels may fail alone; then the page says so, and still shows the rest.
  const beside = computed(
    () =>
      [site.query.value, points.query.value, ...sources.value.map(([, query]) => query)].find(
        (query) => query.error,
      ) ?? null,
  );
  return { places, query: levels.query, beside };
}
