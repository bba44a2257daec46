import { BookText, GitPullRequestArrow } from "@lucide/vue";
import type { DeskRoutes } from "@/shell/desks";
import { words } from "./words";

const reading = "limit.read";
const changing = "limit.change";

export default {
  routes: [
    {
      path: "/rules",
      name: "rules",
      component: () => import("./RulesPage.vue"),
      meta: { title: () => words.value.title, permission: "point.read" },
    },
    {
      path: "/rule/:id(.*)",
      name: "rule",
      component: () => import("./RulePage.vue"),
      props: true,
      meta: { title: () => words.value.rule, permission: "point.read", under: "rules" },
    },
    {
      path: "/limit-changes",
      name: "limit-changes",
      component: () => import("./ChangesPage.vue"),
      meta: { title: () => words.value.changes, permission: reading },
    },
    {
      path: "/limit-changes/new",
      name: "limit-change-new",
      component: () => import("./WishPage.vue"),
      meta: { title: () => words.value.newChange, permission: changing, under: "limit-changes" },
    },
    {
      path: "/limit-change/:id",
      name: "limit-change",
      component: () => import("./ChangePage.vue"),
      props: true,
      meta: { title: () => words.value.change, permission: reading, under: "limit-changes" },
    },
    {
      path: "/back-test/:id",
      name: "back-test",
      component: () => import("./BackTestPage.vue"),
      props: true,
      meta: { title: () => words.value.backTest, permission: reading, under: "limit-changes" },
    },
  ],
  navigation: [
    {
      to: "rules",
      label: () => words.value.title,
      icon: BookText,
      group: "register",
      order: 20,
      permission: "point.read",
    },
    {
      to: "limit-changes",
      label: () => words.value.changes,
      icon: GitPullRequestArrow,
      group: "register",
      order: 21,
      permission: reading,
    },
  ],
} satisfies DeskRoutes;
