import { FileQuestionMark, FileUp, Inbox, ListTree } from "@lucide/vue";
import type { DeskRoutes } from "@/shell/desks";
import { words } from "./words";

const reading = "register.read";

export default {
  routes: [
    {
      path: "/register",
      name: "register",
      component: () => import("./RegisterPage.vue"),
      meta: { title: () => words.value.register, permission: "point.read" },
    },
    {
      path: "/register/import",
      name: "register-import",
      component: () => import("./ImportPage.vue"),
      meta: { title: () => words.value.import, permission: reading },
    },
    {
      path: "/unknown-points",
      name: "unknown-points",
      component: () => import("./UnknownPage.vue"),
      meta: { title: () => words.value.unknown, permission: reading },
    },
    {
      path: "/quarantine/:id?",
      name: "quarantine",
      component: () => import("./QuarantinePage.vue"),
      props: true,
      meta: { title: () => words.value.quarantine, permission: reading },
    },
  ],
  navigation: [
    {
      to: "register",
      label: () => words.value.register,
      icon: ListTree,
      group: "administration",
      order: 10,
      permission: "point.read",
    },
    {
      to: "register-import",
      label: () => words.value.import,
      icon: FileUp,
      group: "administration",
      order: 11,
      permission: reading,
    },
    {
      to: "unknown-points",
      label: () => words.value.unknown,
      icon: FileQuestionMark,
      group: "administration",
      order: 12,
      permission: reading,
    },
    {
      to: "quarantine",
      label: () => words.value.quarantine,
      icon: Inbox,
      group: "administration",
      order: 13,
      permission: reading,
    },
  ],
} satisfies DeskRoutes;
