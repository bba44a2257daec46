import { ClockAlert, Gavel, Map as MapIcon, Siren } from "@lucide/vue";
import type { DeskRoutes, Role } from "@/shell/desks";
import { useOverdueCount, useOwedOrders, useOwedWarnings } from "./owed";
import { words } from "./words";

const BUREAU: readonly Role[] = ["bureau_duty_officer", "bureau_administrator"];

export default {
  routes: [
    {
      path: "/bureau",
      name: "bureau",
      component: () => import("./Bureau.vue"),
      meta: { title: () => words.value.nav.map, permission: "warning.read" },
    },
    {
      path: "/installation/:enterprise/:installation",
      name: "installation",
      component: () => import("./Installation.vue"),
      props: true,
      meta: { title: () => words.value.installation.title, permission: "warning.read", under: "bureau" },
    },
    {
      path: "/warnings",
      name: "warnings",
      component: () => import("./Warnings.vue"),
      meta: { title: () => words.value.nav.warnings, permission: "warning.read" },
    },
    {
      path: "/warning/:id",
      name: "warning",
      component: () => import("./Warning.vue"),
      props: true,
      meta: { title: () => words.value.nav.warnings, permission: "warning.read", under: "warnings" },
    },
    {
      path: "/supervision",
      name: "supervision",
      component: () => import("./Supervision.vue"),
      meta: { title: () => words.value.nav.supervision, permission: "supervision.read" },
    },
    {
      path: "/supervision/:id",
      name: "order",
      component: () => import("./Order.vue"),
      props: true,
      meta: {
        title: () => words.value.nav.supervision,
        permission: "supervision.read",
        under: "supervision",
      },
    },
    {
      path: "/overdue",
      name: "overdue",
      component: () => import("./Overdue.vue"),
      meta: { title: () => words.value.nav.overdue, permission: "warning.read" },
    },
  ],
  navigation: [
    {
      to: "bureau",
      label: () => words.value.nav.map,
      icon: MapIcon,
      group: "bureau",
      order: 10,
      permission: "warning.read",
      everyHourOf: BUREAU,
    },
    {
      to: "warnings",
      label: () => words.value.nav.warnings,
      icon: Siren,
      group: "bureau",
      order: 20,
      permission: "warning.read",
      everyHourOf: ["bureau_duty_officer", "bureau_administrator", "enterprise_supervisor"],
      waits: useOwedWarnings,
    },
    {
      to: "supervision",
      label: () => words.value.nav.supervision,
      icon: Gavel,
      group: "bureau",
      order: 30,
      permission: "supervision.read",
      everyHourOf: ["bureau_duty_officer", "bureau_administrator", "enterprise_supervisor"],
      waits: useOwedOrders,
    },
    {
      to: "overdue",
      label: () => words.value.nav.overdue,
      icon: ClockAlert,
      group: "bureau",
      order: 40,
      permission: "warning.read",
      everyHourOf: BUREAU,
      waits: useOverdueCount,
    },
  ],
} satisfies DeskRoutes;
