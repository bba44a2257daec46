// What is overdue, as its page, the map's card and the wall say it.

import { timeText } from "@/words/format";
import type { Overdue } from "./overdue";
import { words } from "./words";

export function whatText(row: Overdue): string {
  const say = words.value.overdue;
  if (row.kind === "warning" && row.step) return say.owes(words.value.warning.steps[row.step], row.about);
  if (row.kind === "duty") return say.duty(timeText(Number(row.about)));
  if (row.kind === "commitment") return say.commitment(row.about);
  return row.kind === "ladder" ? say.ladder(row.about) : row.about;
}

/** Whose it is: an enterprise with the person named for it, or the bureau's own desk. */
export const whoText = (row: Overdue): string =>
  [row.enterprise ?? words.value.overdue.bureau, row.person].filter(Boolean).join(" · ");
