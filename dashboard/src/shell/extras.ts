// Small things that an area puts into the frame of every page (the horn): `desks/*/extra.vue`.

import type { Component } from "vue";

const found = import.meta.glob<{ default: Component }>("../desks/*/extra.vue", { eager: true });
export const extras = Object.values(found).map((module) => module.default);
