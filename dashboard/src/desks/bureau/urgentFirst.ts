// The order in which an officer works through what is open: the most urgent at the top.

import type { Schemas } from "@/service/client";
import { rank } from "./level";

type Warning = Pick<Schemas["WarningView"], "level" | "due_at" | "begun_at">;
type Order = Pick<Schemas["OrderView"], "deadline" | "created_at">;

/** Red first; of one level what is due first, so that the late stand above; what waits for no step at the end. */
export function warningsFirst<T extends Warning>(warnings: readonly T[]): T[] {
  const due = (one: Warning): number => one.due_at ?? Infinity;
  return [...warnings].sort(
    (a, b) =>
      rank(b.level) - rank(a.level) ||
      (due(a) === due(b) ? b.begun_at - a.begun_at : due(a) < due(b) ? -1 : 1),
  );
}

/** What is due first, so that the overdue stand above. */
export function ordersFirst<T extends Order>(orders: readonly T[]): T[] {
  return [...orders].sort((a, b) => a.deadline - b.deadline || a.created_at - b.created_at);
}
