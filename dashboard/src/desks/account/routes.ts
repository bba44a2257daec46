// One's own account: password, second factor, logins, keys of one's programs.

import type { DeskRoutes } from "@/shell/desks";
import { words } from "./words";

const desk: DeskRoutes = {
  routes: [
    {
      path: "/account",
      name: "account",
      component: () => import("./AccountPage.vue"),
      meta: { title: () => words.value.title },
    },
  ],
  navigation: [],
};

export default desk;
