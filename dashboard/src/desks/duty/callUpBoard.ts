// The call-up board as the pages ask for it.

import { computed } from "vue";
import { useAsked } from "@/service/asking";
import { answer, client } from "@/service/client";
import { isCalling, isUntaken, peopleOf } from "./callUpPeople";

const AGAIN_S = 15;

export function useCallUpBoard() {
  const { data, query } = useAsked(
    () => ["call-ups", "board"],
    () => answer(client.GET("/call-ups/board")),
    { everyS: AGAIN_S },
  );
  const matters = computed(() => data.value?.matters ?? []);
  return {
    matters,
    query,
    known: computed(() => data.value !== undefined),
    complete: computed(() => data.value?.complete !== false),
    untaken: computed(() => peopleOf(matters.value, isUntaken)),
    calling: computed(() => peopleOf(matters.value, isCalling)),
  };
}
