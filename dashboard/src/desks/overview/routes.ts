import { LayoutGrid } from "@lucide/vue";
import type { DeskRoutes } from "@/shell/desks";
import { words } from "./words";

export default {
  routes: [
    {
      path: "/overview/:enterprise?/:installation?",
      name: "overview",
      component: () => import("./OverviewPage.vue"),
      meta: { title: () => words.value.title, permission: "point.read" },
    },
    {
      path: "/unit/:enterprise/:installation/:unit",
      name: "unit",
      component: () => import("./UnitPage.vue"),
      props: true,
      meta: { title: () => words.value.unitTitle, permission: "point.read", under: "overview" },
    },
    {
      path: "/point/:id(.*)",
      name: "point",
      component: () => import("./PointPage.vue"),
      props: true,
      meta: { title: () => words.value.pointTitle, permission: "point.read", under: "overview" },
    },
  ],
  navigation: [
    {
      to: "overview",
      label: () => words.value.title,
      icon: LayoutGrid,
      group: "control",
      order: 10,
      permission: "point.read",
      everyHourOf: ["operator", "enterprise_supervisor", "viewer"],
    },
  ],
} satisfies DeskRoutes;
