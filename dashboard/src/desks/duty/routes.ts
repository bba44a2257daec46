// Duty at the desks: call-ups, duty checks, commitments, data quality, figures, shifts, reports.

import {
  Activity,
  ChartColumn,
  ClipboardCheck,
  FileText,
  NotebookPen,
  PhoneCall,
  UserCheck,
} from "@lucide/vue";
import { answer, client } from "@/service/client";
import type { DeskRoutes, Role } from "@/shell/desks";
import { useCount } from "@/shell/waiting";
import { words } from "./words";

const BUREAU: readonly Role[] = ["bureau_duty_officer", "bureau_administrator"];
const MOST = 100;
/** People who were not woken, or cannot come, and whom nobody has taken over: each once, as on the board. */
async function notWoken(): Promise<number> {
  const query = { state: ["not_woken" as const, "cannot_come" as const], untaken: true, limit: MOST };
  const { call_ups: waiting } = await answer(client.GET("/call-ups", { params: { query } }));
  return new Set(waiting.map((one) => one.receiver)).size;
}

const desk: DeskRoutes = {
  routes: [
    {
      path: "/call-ups",
      name: "call-ups",
      component: () => import("./CallUps.vue"),
      meta: { title: () => words.value.callUps, permission: "call_up.read" },
    },
    {
      path: "/duty-checks",
      name: "duty-checks",
      component: () => import("./DutyChecks.vue"),
      meta: { title: () => words.value.dutyChecks, permission: "duty_check.read" },
    },
    {
      path: "/commitments",
      name: "commitments",
      component: () => import("./Commitments.vue"),
      meta: { title: () => words.value.commitments, permission: "commitment.read" },
    },
    {
      path: "/data-quality",
      name: "data-quality",
      component: () => import("./DataQuality.vue"),
      meta: { title: () => words.value.dataQuality, permission: "point.read" },
    },
    {
      path: "/figures",
      name: "figures",
      component: () => import("./Figures.vue"),
      meta: { title: () => words.value.figures, permission: "figures.read" },
    },
    {
      path: "/reports",
      name: "reports",
      component: () => import("./Reports.vue"),
      meta: { title: () => words.value.reports, permission: "report.read" },
    },
    {
      path: "/shifts",
      name: "shifts",
      component: () => import("./Shifts.vue"),
      meta: { title: () => words.value.shifts, permission: "shift.read" },
    },
  ],
  navigation: [
    {
      to: "call-ups",
      label: () => words.value.callUps,
      icon: PhoneCall,
      group: "bureau",
      order: 50,
      permission: "call_up.read",
      everyHourOf: BUREAU,
      waits: () => useCount(["call-ups", "not woken"], "call_up.start", notWoken),
    },
    {
      to: "duty-checks",
      label: () => words.value.dutyChecks,
      icon: UserCheck,
      group: "bureau",
      order: 55,
      permission: "duty_check.read",
      everyHourOf: ["bureau_duty_officer"],
    },
    {
      to: "commitments",
      label: () => words.value.commitments,
      icon: ClipboardCheck,
      group: "bureau",
      order: 60,
      permission: "commitment.read",
      everyHourOf: ["operator"],
    },
    {
      to: "data-quality",
      label: () => words.value.dataQuality,
      icon: Activity,
      group: "figures",
      order: 20,
      permission: "point.read",
    },
    {
      to: "figures",
      label: () => words.value.figures,
      icon: ChartColumn,
      group: "figures",
      order: 30,
      permission: "figures.read",
    },
    {
      to: "reports",
      label: () => words.value.reports,
      icon: FileText,
      group: "figures",
      order: 40,
      permission: "report.read",
      everyHourOf: ["bureau_administrator", "auditor"],
    },
    {
      to: "shifts",
      label: () => words.value.shifts,
      icon: NotebookPen,
      group: "control",
      order: 60,
      permission: "shift.read",
      everyHourOf: ["operator", "enterprise_supervisor", "bureau_duty_officer"],
    },
  ],
};

export default desk;
