// Is there something that must not leave the wall before somebody answers it?

import { computed } from "vue";
import { isUnanswered, shownAlarms } from "@/live/alarmList";
import { useAsked } from "@/service/asking";
import { answer, client } from "@/service/client";
import { may } from "@/service/session";

const AGAIN_S = 30;

export function useUrgent() {
  const { data } = useAsked(
    () => ["warnings", "summary"],
    () => answer(client.GET("/warnings/summary")),
    { everyS: AGAIN_S, when: () => may("warning.read") },
  );
  const redUnsigned = computed(() =>
    (data.value?.counts ?? [])
      .filter((one) => one.level === "red" && one.state === "unsigned")
      .reduce((sum, one) => sum + one.warnings, 0),
  );
  const critical = computed(
    () => shownAlarms.value.filter((one) => one.priority === "CRITICAL" && isUnanswered(one)).length,
  );
  return { redUnsigned, critical, urgent: computed(() => critical.value > 0 || redUnsigned.value > 0) };
}
