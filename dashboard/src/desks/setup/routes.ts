// The first start: a page of its own, before anybody can log in.

import type { DeskRoutes } from "@/shell/desks";
import { words } from "./words";

const desk: DeskRoutes = {
  routes: [
    {
      path: "/setup",
      name: "set-up",
      component: () => import("./SetUp.vue"),
      meta: { title: () => words.value.title, open: true, bare: true },
    },
  ],
  navigation: [],
};

export default desk;
