// Floods of the last 30 days, and those that go on now. Asked again when the number of open alarms has moved.

import { computed, watch } from "vue";
import { openAlarms } from "@/live/desk";
import { answer, client } from "@/service/client";
import { useAsked } from "@/service/asking";

const EVERY_S = 20;
const MANY = 10;

export function useFloods() {
  const { data, query, refetch } = useAsked(["floods"], () => answer(client.GET("/floods")), {
    everyS: EVERY_S,
  });
  // A flood begins with many alarms at once: the banner does not wait for the next question.
  let before = openAlarms.value;
  watch(openAlarms, (open) => {
    if (Math.abs(open - before) < MANY) return;
    before = open;
    void refetch();
  });
  const floods = computed(() => data.value?.floods ?? []);
  return { floods, going: computed(() => floods.value.filter((flood) => flood.ended === null)), query };
}
