import { Smartphone } from "@lucide/vue";
import type { DeskRoutes } from "@/shell/desks";
import { words } from "./words";

export default {
  routes: [
    {
      path: "/on-call",
      name: "on-call",
      component: () => import("./OnCall.vue"),
      meta: { title: () => words.value.title },
    },
  ],
  navigation: [
    {
      to: "on-call",
      label: () => words.value.title,
      icon: Smartphone,
      group: "calling",
      order: 1,
      permission: "alarm.acknowledge",
      everyHourOf: ["on_call"],
    },
  ],
} satisfies DeskRoutes;
