// The slides of a plan that this person or key may see.

import { defineAsyncComponent, type Component } from "vue";
import type { Plan, SceneName } from "./address";

interface Scene {
  component: Component;
  /** Without it the scene is left out. */
  permission: string;
}
const SCENE: Record<SceneName, Scene> = {
  levels: { component: defineAsyncComponent(() => import("./LevelsScene.vue")), permission: "warning.read" },
  alarms: { component: defineAsyncComponent(() => import("./AlarmsScene.vue")), permission: "alarm.read" },
  overdue: {
    component: defineAsyncComponent(() => import("./OverdueScene.vue")),
    permission: "warning.read",
  },
  "call-ups": {
    component: defineAsyncComponent(() => import("./CallUpsScene.vue")),
    permission: "call_up.read",
  },
  figures: {
    component: defineAsyncComponent(() => import("./FiguresScene.vue")),
    permission: "figures.read",
  },
  quality: { component: defineAsyncComponent(() => import("./QualityScene.vue")), permission: "point.read" },
  overview: {
    component: defineAsyncComponent(() => import("./OverviewScene.vue")),
    permission: "point.read",
  },
};

export interface Slide {
  key: string;
  scene: SceneName;
  /** Of the overview: which one; empty: the first. */
  installation: string;
  component: Component;
}

export function maySee(scene: SceneName, may: (permission: string) => boolean): boolean {
  return may(SCENE[scene].permission);
}

export function slidesOf(plan: Plan, may: (permission: string) => boolean): Slide[] {
  return plan.scenes
    .filter((scene) => maySee(scene, may))
    .flatMap((scene) => {
      const places = scene === "overview" && plan.installations.length ? plan.installations : [""];
      return places.map((installation) => ({
        key: installation ? `${scene}:${installation}` : scene,
        scene,
        installation,
        component: SCENE[scene].component,
      }));
    });
}
