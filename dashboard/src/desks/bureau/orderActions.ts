// What a person can do with a supervision order now.

import type { Schemas } from "@/service/client";

export type OrderAction = "answer" | "return" | "verify" | "close";
type State = Schemas["OrderView"]["state"];

const ACTIONS: Record<State, readonly OrderAction[]> = {
  open: ["answer"],
  answered: ["verify", "answer", "return"],
  verified: ["close", "return"],
  closed: [],
};
const RIGHT: Record<OrderAction, string> = {
  answer: "supervision.answer",
  return: "supervision.verify",
  verify: "supervision.verify",
  close: "supervision.close",
};

/** The first is the way forward. An answer may be given again until the bureau has verified it. */
export function orderActions(state: State, may: (permission: string) => boolean): OrderAction[] {
  return ACTIONS[state].filter((action) => may(RIGHT[action]));
}

export const canPostpone = (state: State): boolean => state === "open" || state === "answered";
