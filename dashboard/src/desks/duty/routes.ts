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
import type { DeskRoutes } from "@/shell/desks";
import { words } from "./words";

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
    },
    {
      to: "duty-checks",
      label: () => words.value.dutyChecks,
      icon: UserCheck,
      group: "bureau",
      order: 55,
      permission: "duty_check.read",
    },
    {
      to: "commitments",
      label: () => words.value.commitments,
      icon: ClipboardCheck,
      group: "bureau",
      order: 60,
      permission: "commitment.read",
    },
    {
      to: "data-quality",
      label: () => words.value.dataQuality,
      icon: Activity,
      group: "bureau",
      order: 70,
      permission: "point.read",
    },
    {
      to: "figures",
      label: () => words.value.figures,
      icon: ChartColumn,
      group: "bureau",
      order: 80,
      permission: "figures.read",
    },
    {
      to: "reports",
      label: () => words.value.reports,
      icon: FileText,
      group: "bureau",
      order: 90,
      permission: "report.read",
    },
    {
      to: "shifts",
      label: () => words.value.shifts,
      icon: NotebookPen,
      group: "control",
      order: 60,
      permission: "shift.read",
    },
  ],
};

export default desk;
