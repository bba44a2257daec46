// How much waits at the bureau's desk for this person: the bureau's own steps, or those of an enterprise.

import { computed, type Ref } from "vue";
import { answer, client, type Schemas } from "@/service/client";
import { may } from "@/service/session";
import { isCounted, useCount } from "@/shell/waiting";
import { useOverdue } from "./useOverdue";

const MOST = 100;
/** Of a warning in these states the next step is the bureau's; of one that is asked, the enterprise's. */
const BUREAU_OWES: ReadonlySet<Schemas["WarningCount"]["state"]> = new Set([
  "unsigned",
  "signed",
  "answered",
]);

async function owedWarnings(): Promise<number> {
  const { counts } = await answer(client.GET("/warnings/summary"));
  const isOwed = ({ state }: Schemas["WarningCount"]): boolean =>
    may("warning.sign") ? BUREAU_OWES.has(state) : state === "asked";
  return counts.filter(isOwed).reduce((sum, one) => sum + one.warnings, 0);
}

/** Orders to answer, and at the bureau those whose answer is to be verified. */
async function owedOrders(): Promise<number> {
  const state = may("supervision.verify") ? ("answered" as const) : ("open" as const);
  const query = { open: true, state: [state], limit: MOST };
  return (await answer(client.GET("/supervision", { params: { query } }))).orders.length;
}

/** The enterprise answers, the bureau signs: only they have a step. */
const ofOne = (theirs: string, ours: string): string => (may(ours) ? ours : theirs);

export const useOwedWarnings = (): Readonly<Ref<number>> =>
  useCount(["warnings", "owed"], ofOne("warning.answer", "warning.sign"), owedWarnings);

export const useOwedOrders = (): Readonly<Ref<number>> =>
  useCount(["supervision", "owed"], ofOne("supervision.answer", "supervision.verify"), owedOrders);

export function useOverdueCount(): Readonly<Ref<number>> {
  const itself = (id: string): string => id;
  const { all } = useOverdue({ enterpriseName: itself, alarmName: itself }, () => isCounted("warning.sign"));
  return computed(() => all.value.length);
}
