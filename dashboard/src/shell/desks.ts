// Every area of `desks/`: a folder with `routes.ts` is part of the product by its presence.

import type { Component } from "vue";
import type { RouteRecordRaw } from "vue-router";

export type Group = "control" | "bureau" | "calling" | "administration";

export interface Entry {
  /** Name of the route. */
  to: string;
  /** Read at every showing, so that it follows the language. */
  label: () => string;
  icon: Component;
  group: Group;
  /** Place in its group. */
  order: number;
  /** Without it the entry is not shown. */
  permission?: string;
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
  }
}

const found = import.meta.glob<{ default: DeskRoutes }>("../desks/*/routes.ts", { eager: true });
export const desks = Object.values(found).map((module) => module.default);
export const navigation = desks
  .flatMap((desk) => desk.navigation)
  .sort((a, b) => a.group.localeCompare(b.group) || a.order - b.order);
