// Administration: persons, keys, devices, approvals, audit, and how the system is.

import { HeartPulse, KeyRound, ListChecks, Router, ScrollText, Users } from "@lucide/vue";
import type { DeskRoutes } from "@/shell/desks";
import { words } from "./words";

const desk: DeskRoutes = {
  routes: [
    {
      path: "/health",
      name: "health",
      component: () => import("./health/HealthPage.vue"),
      meta: { title: () => words.value.pages.health, permission: "watch.read" },
    },
    {
      path: "/users",
      name: "users",
      component: () => import("./users/UsersPage.vue"),
      meta: { title: () => words.value.pages.users, permission: "user.read" },
    },
    {
      path: "/keys",
      name: "keys",
      component: () => import("./keys/KeysPage.vue"),
      meta: { title: () => words.value.pages.keys, permission: "key.read" },
    },
    {
      path: "/devices",
      name: "devices",
      component: () => import("./devices/DevicesPage.vue"),
      meta: { title: () => words.value.pages.devices, permission: "device.read" },
    },
    {
      path: "/approvals",
      name: "approvals",
      component: () => import("./approvals/ApprovalsPage.vue"),
      meta: { title: () => words.value.pages.approvals, permission: "approval.read" },
    },
    {
      path: "/audit",
      name: "audit",
      component: () => import("./audit/AuditPage.vue"),
      meta: { title: () => words.value.pages.audit, permission: "audit.read" },
    },
  ],
  navigation: [
    { to: "health", icon: HeartPulse, order: 10, permission: "watch.read" },
    { to: "users", icon: Users, order: 20, permission: "user.read" },
    { to: "keys", icon: KeyRound, order: 25, permission: "key.read" },
    { to: "devices", icon: Router, order: 30, permission: "device.read" },
    { to: "approvals", icon: ListChecks, order: 15, permission: "approval.read" },
    { to: "audit", icon: ScrollText, order: 90, permission: "audit.read" },
  ].map((entry) => ({
    ...entry,
    label: () => words.value.pages[entry.to as keyof typeof words.value.pages],
    group: "administration" as const,
  })),
};

export default desk;
