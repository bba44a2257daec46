import { AlarmClockOff, Bell, ChartNoAxesColumn, ListOrdered, Waves } from "@lucide/vue";
import type { DeskRoutes } from "@/shell/desks";
import { words } from "./words";

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
      meta: { title: () => words.value.detail, permission },
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
    { to: "alarms", label: () => words.value.title, icon: Bell, group: "control", order: 20, permission },
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
      order: 52,
      permission,
    },
    {
      to: "performance",
      label: () => words.value.performance,
      icon: ChartNoAxesColumn,
      group: "control",
      order: 53,
      permission,
    },
  ],
} satisfies DeskRoutes;
