// The menu of one person: what the role works with every hour, then the rest in folded groups. What was
// folded or opened is remembered, and the group of the page that is shown is open.

import { computed, reactive, ref, watch } from "vue";
import { useRoute } from "vue-router";
import { session } from "@/service/session";
import { arrange } from "./arrange";
import type { Group } from "./desks";
import { allowedEntries, beginning } from "./router";

const KEPT = "hazardwatch.menu";

interface Kept {
  /** Icons only. */
  rail: boolean;
  open: Group[];
}
const kept = reactive<Kept>({ rail: false, open: [], ...read() });
watch(kept, (now) => localStorage.setItem(KEPT, JSON.stringify(now)));

function read(): Partial<Kept> {
  try {
    return JSON.parse(localStorage.getItem(KEPT) ?? "{}") as Partial<Kept>;
  } catch {
    return {}; // what another version of the screens has kept
  }
}

export function useMenu() {
  const route = useRoute();
  const menu = computed(() => arrange(allowedEntries.value, session.person?.roles ?? [], beginning()));
  /** Name of the entry that the page belongs to. */
  const current = computed(() => route.meta.under ?? String(route.name ?? ""));
  const currentGroup = computed(
    () => menu.value.groups.find(({ entries }) => entries.some((one) => one.to === current.value))?.group,
  );
  const visited = ref<Group | undefined>();
  watch(currentGroup, (group) => (visited.value = group), { immediate: true });

  const isOpen = (group: Group): boolean => kept.open.includes(group) || visited.value === group;
  function toggle(group: Group): void {
    const opens = !isOpen(group);
    kept.open = kept.open.filter((one) => one !== group);
    if (opens) kept.open.push(group);
    else if (visited.value === group) visited.value = undefined;
  }
  return { menu, current, isOpen, toggle, kept };
}
