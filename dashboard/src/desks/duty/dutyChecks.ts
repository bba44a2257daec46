// Duty checks as several pages need them.

import { useAction } from "@/service/asking";
import { answer, client, type Schemas } from "@/service/client";

export type Check = Schemas["DutyCheckView"];
export const DAY_S = 86_400;

/** Seconds from being sent to being answered; null without an answer. */
export function answerS(check: Pick<Check, "sent_at" | "answered_at">): number | null {
  return check.answered_at === null ? null : Math.max(0, (check.answered_at - check.sent_at) / 1e9);
}

/** A span back from now on full minutes, so that what was asked is not asked anew with every second. */
export function sinceNs(spanS: number, nowMs: number): number {
  return (Math.floor(nowMs / 60_000) * 60 - spanS) * 1e9;
}

export function useCheckAnswer() {
  return useAction(
    (id: string) =>
      answer(client.POST("/duty-checks/{check_id}/answer", { params: { path: { check_id: id } } })),
    ["duty-checks"],
  );
}
