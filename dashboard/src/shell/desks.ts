// Every area of `desks/`: a folder with `routes.ts` is part of the product by its presence.

import type { Component, Ref } from "vue";
import type { RouteRecordRaw } from "vue-router";
import type { words } from "@/words/words";

/** In the order of the menu; each begins folded, except where one is. */
export const GROUPS = ["control", "bureau", "calling", "figures", "register", "administration"] as const;
export type Group = (typeof GROUPS)[number];
export type Role = keyof (typeof words.value)["role"];

export interface Entry {
  /** Name of the route. */
  to: string;
  /** Read at every showing, so that it follows the language. */
  label: () => string;
  icon: Component;
  group: Group;
  /** Place in its group, and among the pages of a role. */
  order: number;
  /** Without it the entry is not shown. */
  permission?: string;
  /** Roles that work with it every hour: for them it stands above the groups, always in sight. */
  everyHourOf?: readonly Role[];
  /** How much waits there for this person: live, or one small question a minute (`useCount`). Called once, at
   * the set-up of the frame. */
  waits?: () => Readonly<Ref<number>>;
}

export interface DeskRoutes {
  routes: RouteRecordRaw[];
  navigation: Entry[];
}

declare module "vue-router" {
  interface RouteMeta {
    /** Title of the page, for the browser's tab. */
    title?: () => string;
    /** Shown without the frame of the shell: wall, wizard. */
    bare?: boolean;
    /** Shown to nobody in particular. */
    open?: boolean;
    permission?: string;
    /** The entry of the menu that a page without one belongs to: an alarm to the alarms. */
    under?: string;
  }
}

const found = import.meta.glob<{ default: DeskRoutes }>("../desks/*/routes.ts", { eager: true });
export const desks = Object.values(found).map((module) => module.default);
export const navigation = desks
  .flatMap((desk) => desk.navigation)
  .sort((a, b) => GROUPS.indexOf(a.group) - GROUPS.indexOf(b.group) || a.order - b.order);
