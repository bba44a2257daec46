// What this browser's horn does: which desks it listens to, whether and how loud it sounds. Kept in the browser.

import { reactive, watch } from "vue";

const KEPT = "hazardwatch.horn";
const FEW = 3;

export interface HornSettings {
  on: boolean;
  /** 0.1 to 1. */
  volume: number;
  /** Desks by enterprise, "" the service's own; null: not chosen. */
  desks: string[] | null;
  notify: boolean;
}

function kept(): Partial<HornSettings> {
  try {
    return JSON.parse(localStorage.getItem(KEPT) ?? "{}") as Partial<HornSettings>;
  } catch {
    return {};
  }
}

export const settings = reactive<HornSettings>({
  on: true,
  volume: 0.6,
  desks: null,
  notify: false,
  ...kept(),
});
watch(settings, (now) => localStorage.setItem(KEPT, JSON.stringify(now)));

/** Which of the desks in sight are heard: the chosen ones; unchosen all, unless there are too many for one ear. */
export function heardDesks(inSight: readonly string[], chosen: readonly string[] | null): string[] {
  if (chosen) return inSight.filter((desk) => chosen.includes(desk));
  const enterprises = inSight.filter((desk) => desk !== "");
  return enterprises.length <= FEW ? [...inSight] : [];
}
