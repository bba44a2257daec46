import { CalendarDays, ContactRound, Inbox, PhoneForwarded, Waypoints } from "@lucide/vue";
import type { DeskRoutes } from "@/shell/desks";
import { answer, client } from "@/service/client";
import { useCount } from "@/shell/waiting";
import { words } from "./words";

const MOST = 100;
/** Messages that did not arrive, and that nobody has settled. */
async function unsettled(): Promise<number> {
  const query = { unsettled: true, limit: MOST };
  return (await answer(client.GET("/outbox", { params: { query } }))).messages.length;
}

export default {
  routes: [
    {
      path: "/ladders",
      name: "ladders",
      component: () => import("./LaddersPage.vue"),
      meta: { title: () => words.value.ladders, permission: "escalation.read" },
    },
    {
      path: "/who-would-be-called",
      name: "preview",
      component: () => import("./PreviewPage.vue"),
      meta: { title: () => words.value.preview, permission: "escalation.read" },
    },
    {
      path: "/rotas",
      name: "rotas",
      component: () => import("./RotasPage.vue"),
      meta: { title: () => words.value.rotas, permission: "rota.read" },
    },
    {
      path: "/rota/:id",
      name: "rota",
      component: () => import("./RotaPage.vue"),
      props: true,
      meta: { title: () => words.value.rota, permission: "rota.read", under: "rotas" },
    },
    {
      path: "/receivers",
      name: "receivers",
      component: () => import("./ReceiversPage.vue"),
      meta: { title: () => words.value.receivers, permission: "receiver.read" },
    },
    {
      path: "/receiver/:id",
      name: "receiver",
      component: () => import("./ReceiverPage.vue"),
      props: true,
      meta: { title: () => words.value.receiver, permission: "receiver.read", under: "receivers" },
    },
    {
      path: "/outbox",
      name: "outbox",
      component: () => import("./OutboxPage.vue"),
      meta: { title: () => words.value.outbox, permission: "outbox.read" },
    },
  ],
  navigation: [
    {
      to: "rotas",
      label: () => words.value.rotas,
      icon: CalendarDays,
      group: "calling",
      order: 40,
      permission: "rota.read",
      everyHourOf: ["enterprise_supervisor", "on_call"],
    },
    {
      to: "preview",
      label: () => words.value.preview,
      icon: PhoneForwarded,
      group: "calling",
      order: 41,
      permission: "escalation.read",
    },
    {
      to: "ladders",
      label: () => words.value.ladders,
      icon: Waypoints,
      group: "calling",
      order: 42,
      permission: "escalation.read",
    },
    {
      to: "receivers",
      label: () => words.value.receivers,
      icon: ContactRound,
      group: "calling",
      order: 43,
      permission: "receiver.read",
    },
    {
      to: "outbox",
      label: () => words.value.outbox,
      icon: Inbox,
      group: "calling",
      order: 44,
      permission: "outbox.read",
      waits: () => useCount(["outbox", "unsettled"], "outbox.manage", unsettled),
    },
  ],
} satisfies DeskRoutes;
