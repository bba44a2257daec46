// The open alarms of one installation, the most urgent first, from the live link.

import { computed, toValue, type ComputedRef, type MaybeRefOrGetter } from "vue";
import { hiddenAlarms, shownAlarms } from "@/live/alarmList";
import type { Alarm } from "@/live/link";

/** Those that are put aside come last: they are hidden from the control room, and not from the bureau. */
export function alarmsOf(
  enterprise: MaybeRefOrGetter<string>,
  installation: MaybeRefOrGetter<string>,
): ComputedRef<Alarm[]> {
  return computed(() =>
    [...shownAlarms.value, ...hiddenAlarms.value].filter(
      (alarm) => alarm.enterprise === toValue(enterprise) && alarm.installation === toValue(installation),
    ),
  );
}
