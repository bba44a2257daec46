import { computed } from "vue";
import { createRouter, createWebHistory } from "vue-router";
import { may, session } from "@/service/session";
import { words } from "@/words/words";
import { desks, navigation } from "./desks";

export const router = createRouter({
  history: createWebHistory("/app/"),
  routes: [
    { path: "/", name: "home", component: () => import("./Home.vue") },
    ...desks.flatMap((desk) => desk.routes),
    { path: "/:anything(.*)*", name: "nowhere", component: () => import("./Nowhere.vue") },
  ],
  scrollBehavior: (_to, _from, kept) => kept ?? { top: 0 },
});

router.afterEach((to) => {
  const title = to.meta.title?.();
  document.title = title ? `${title} · Hazardwatch` : words.value.product;
});

export const allowedEntries = computed(() =>
  session.stage === "in" ? navigation.filter((entry) => !entry.permission || may(entry.permission)) : [],
);

const NARROW = "(max-width: 899px)";
// Where each role begins; the first that fits. Who is only on call, and on a phone, is there to answer.
const BEGINNINGS: [string, string][] = [
  ["bureau_duty_officer", "bureau"],
  ["bureau_administrator", "bureau"],
  ["system_administrator", "health"],
  ["auditor", "audit"],
];

/** Name of the page that a person sees first. */
export function beginning(): string {
  const roles: readonly string[] = session.person?.roles ?? [];
  const wished = BEGINNINGS.find(([role]) => roles.includes(role))?.[1];
  return wished ?? (roles.join() === "on_call" && matchMedia(NARROW).matches ? "on-call" : "overview");
}
