// By which clocks the desks work, and in which local time.

import { computed } from "vue";
import { now } from "@/live/ages";
import { useAsked } from "@/service/asking";
import { answer, client } from "@/service/client";
import { dayIn } from "./localDay";

interface Section {
  label?: string;
  sources?: string[];
  [key: string]: unknown;
}

export function useDeskPolicy() {
  const { data, query } = useAsked(
    () => ["desk-policy"],
    () => answer(client.GET("/warnings/policy")),
  );
  const section = (name: string): Section => (data.value?.sections[name] ?? {}) as Section;
  const zone = computed(() => data.value?.time_zone ?? "Asia/Shanghai");
  const today = computed(() => dayIn(zone.value, now()));
  return { query, section, zone, today, known: computed(() => data.value !== undefined) };
}
