// The wall: full screen, without the frame of the other pages.

import { MonitorPlay } from "@lucide/vue";
import type { DeskRoutes } from "@/shell/desks";
import { words } from "./words";

export default {
  routes: [
    {
      path: "/wall",
      name: "wall",
      component: () => import("./Wall.vue"),
      meta: { title: () => words.value.title, bare: true, permission: "alarm.read" },
    },
  ],
  navigation: [
    {
      to: "wall",
      label: () => words.value.title,
      icon: MonitorPlay,
      group: "bureau",
      order: 100,
      permission: "alarm.read",
    },
  ],
} satisfies DeskRoutes;
