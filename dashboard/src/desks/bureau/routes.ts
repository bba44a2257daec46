import { ClockAlert, Gavel, Map as MapIcon, Siren } from "@lucide/vue";
import type { DeskRoutes } from "@/shell/desks";
import { words } from "./words";

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
      meta: { title: () => words.value.installation.title, permission: "warning.read" },
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
      meta: { title: () => words.value.nav.warnings, permission: "warning.read" },
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
      meta: { title: () => words.value.nav.supervision, permission: "supervision.read" },
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
    },
    {
      to: "warnings",
      label: () => words.value.nav.warnings,
      icon: Siren,
      group: "bureau",
      order: 20,
      permission: "warning.read",
    },
    {
      to: "supervision",
      label: () => words.value.nav.supervision,
      icon: Gavel,
      group: "bureau",
      order: 30,
      permission: "supervision.read",
    },
    {
      to: "overdue",
      label: () => words.value.nav.overdue,
      icon: ClockAlert,
      group: "bureau",
      order: 40,
      permission: "warning.read",
    },
  ],
} satisfies DeskRoutes;
