import { AlarmClockOff, Bell, ChartNoAxesColumn, ListOrdered, Waves } from "@lucide/vue";
import { unansweredCount } from "@/live/alarmList";
import { answer, client } from "@/service/client";
import type { DeskRoutes, Role } from "@/shell/desks";
import { useCount } from "@/shell/waiting";
import { words } from "./words";

const CONTROL_ROOM: readonly Role[] = ["operator", "enterprise_supervisor"];
const MOST = 100;
/** What is to be put aside, and waits for a second person. */
async function proposals(): Promise<number> {
  return (await answer(client.GET("/proposals", { params: { query: { limit: MOST } } }))).proposals.length;
}

const permission = "alarm.read";

export default {
  routes: [
    {
      path: "/alarms",
      name: "alarms",
      component: () => import("./list/AlarmsPage.vue"),
      meta: { title: () => words.value.title, permission },
    },
    {
      path: "/alarm/:id",
      name: "alarm",
      component: () => import("./detail/AlarmPage.vue"),
      props: true,
      meta: { title: () => words.value.detail, permission, under: "alarms" },
    },
    {
      path: "/holds",
      name: "holds",
      component: () => import("./holds/HoldsPage.vue"),
      meta: { title: () => words.value.holds, permission },
    },
    {
      path: "/first-out",
      name: "first-out",
      component: () => import("./quality/FirstOutPage.vue"),
      meta: { title: () => words.value.firstOut, permission },
    },
    {
      path: "/floods",
      name: "floods",
      component: () => import("./quality/FloodsPage.vue"),
      meta: { title: () => words.value.floods, permission },
    },
    {
      path: "/performance",
      name: "performance",
      component: () => import("./quality/PerformancePage.vue"),
      meta: { title: () => words.value.performance, permission },
    },
  ],
  navigation: [
    {
      to: "alarms",
      label: () => words.value.title,
      icon: Bell,
      group: "control",
      order: 20,
      permission,
      everyHourOf: [...CONTROL_ROOM, "bureau_duty_officer", "on_call", "viewer"],
      waits: () => unansweredCount,
    },
    {
      to: "first-out",
      label: () => words.value.firstOut,
      icon: ListOrdered,
      group: "control",
      order: 50,
      permission,
    },
    { to: "floods", label: () => words.value.floods, icon: Waves, group: "control", order: 51, permission },
    {
      to: "holds",
      label: () => words.value.holds,
      icon: AlarmClockOff,
      group: "control",
      order: 30,
      permission,
      everyHourOf: CONTROL_ROOM,
      waits: () => useCount(["holds", "waiting"], "alarm.agree", proposals),
    },
    {
      to: "performance",
      label: () => words.value.performance,
      icon: ChartNoAxesColumn,
      group: "figures",
      order: 10,
      permission,
    },
  ],
} satisfies DeskRoutes;
