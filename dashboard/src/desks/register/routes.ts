import { FileQuestionMark, FileUp, Inbox, ListTree } from "@lucide/vue";
import { serviceNow } from "@/live/desk";
import { answer, client } from "@/service/client";
import type { DeskRoutes } from "@/shell/desks";
import { useCount } from "@/shell/waiting";
import { nanos } from "@/words/format";
import { words } from "./words";

const reading = "register.read";
const MOST = 100;
const RECENT_MS = 86_400_000;

const unknownTags = async (): Promise<number> => (await answer(client.GET("/unknown-points"))).points.length;
/** Of the last day, and not tried again: older ones are kept, and wait for nobody. */
async function quarantined(): Promise<number> {
  const { rows } = await answer(client.GET("/quarantine", { params: { query: { limit: MOST } } }));
  const since = nanos(serviceNow() - RECENT_MS);
  return rows.filter((row) => row.received_time > since && row.retried_time === null).length;
}

export default {
  routes: [
    {
      path: "/register",
      name: "register",
      component: () => import("./RegisterPage.vue"),
      meta: { title: () => words.value.register, permission: "point.read" },
    },
    {
      path: "/register/import",
      name: "register-import",
      component: () => import("./ImportPage.vue"),
      meta: { title: () => words.value.import, permission: reading },
    },
    {
      path: "/unknown-points",
      name: "unknown-points",
      component: () => import("./UnknownPage.vue"),
      meta: { title: () => words.value.unknown, permission: reading },
    },
    {
      path: "/quarantine/:id?",
      name: "quarantine",
      component: () => import("./QuarantinePage.vue"),
      props: true,
      meta: { title: () => words.value.quarantine, permission: reading },
    },
  ],
  navigation: [
    {
      to: "register",
      label: () => words.value.register,
      icon: ListTree,
      group: "register",
      order: 10,
      permission: "point.read",
      everyHourOf: ["system_administrator"],
    },
    {
      to: "register-import",
      label: () => words.value.import,
      icon: FileUp,
      group: "register",
      order: 11,
      permission: reading,
    },
    {
      to: "unknown-points",
      label: () => words.value.unknown,
      icon: FileQuestionMark,
      group: "register",
      order: 12,
      permission: reading,
      everyHourOf: ["system_administrator"],
      waits: () => useCount(["register", "unknown", "count"], "register.change", unknownTags),
    },
    {
      to: "quarantine",
      label: () => words.value.quarantine,
      icon: Inbox,
      group: "register",
      order: 13,
      permission: reading,
      everyHourOf: ["system_administrator"],
      waits: () => useCount(["register", "quarantine", "count"], "register.change", quarantined),
    },
  ],
} satisfies DeskRoutes;
