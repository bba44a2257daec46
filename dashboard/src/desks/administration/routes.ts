// Administration: persons, keys, devices, approvals, audit, and how the system is.

import { HeartPulse, KeyRound, ListChecks, Router, ScrollText, Users } from "@lucide/vue";
import { answer, client } from "@/service/client";
import type { DeskRoutes, Entry, Role } from "@/shell/desks";
import { useCount } from "@/shell/waiting";
import { words } from "./words";

const ADMINISTRATORS: readonly Role[] = ["system_administrator"];
const MOST = 100;
/** Proposals that this person may decide on. */
async function toDecide(): Promise<number> {
  const { proposals } = await answer(
    client.GET("/approvals", { params: { query: { state: ["open"], limit: MOST } } }),
  );
  return proposals.filter((one) => one.may_approve).length;
}

const entry = (
  to: keyof typeof words.value.pages,
  icon: Entry["icon"],
  order: number,
  permission: string,
  more: Partial<Entry> = {},
): Entry => ({
  to,
  icon,
  order,
  permission,
  label: () => words.value.pages[to],
  group: "administration",
  ...more,
});

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
    entry("health", HeartPulse, 10, "watch.read", { everyHourOf: ADMINISTRATORS }),
    entry("approvals", ListChecks, 15, "approval.read", {
      everyHourOf: ["enterprise_supervisor", "bureau_administrator", "auditor"],
      waits: () => useCount(["approvals", "to decide"], "approval.decide", toDecide),
    }),
    entry("users", Users, 20, "user.read", { everyHourOf: ADMINISTRATORS }),
    entry("keys", KeyRound, 25, "key.read"),
    entry("devices", Router, 30, "device.read", { everyHourOf: ADMINISTRATORS }),
    entry("audit", ScrollText, 90, "audit.read", { everyHourOf: ["auditor"] }),
  ],
};

export default desk;
