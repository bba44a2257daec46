// The closed loop of a warning as steps: what is done, what is owed and by whom, what is still ahead.

import type { Schemas } from "@/service/client";

type Warning = Schemas["WarningView"];
export type StepName = NonNullable<Warning["owed"]>;
export type Fact = NonNullable<Warning["signed"]>;
export type Party = "bureau" | "enterprise";
export type Action = "sign" | "ask" | "answer" | "return" | "verify" | "close";

export interface LoopStep {
  name: StepName;
  whose: Party;
  stand: "done" | "owed" | "ahead";
  fact: Fact | null;
  /** ns UTC; only of the step that is owed. */
  dueAt: number | null;
  /** Its deadline was missed, now or before. */
  wasLate: boolean;
}

export const STEPS: readonly StepName[] = ["sign", "ask", "answer", "verify", "close"];
const FACTS = {
  sign: "signed",
  ask: "asked",
  answer: "answered",
  verify: "verified",
  close: "closed",
} as const;

export const whoseStep = (name: StepName): Party => (name === "answer" ? "enterprise" : "bureau");

export function loopOf(warning: Warning): LoopStep[] {
  // A fact from before the last rise is kept, but does not count: what is owed says how far the loop is.
  const reached = warning.owed ? STEPS.indexOf(warning.owed) : STEPS.length;
  return STEPS.map((name, index) => ({
    name,
    whose: whoseStep(name),
    stand: index < reached ? "done" : index === reached ? "owed" : "ahead",
    fact: index < reached ? warning[FACTS[name]] : null,
    dueAt: index === reached ? warning.due_at : null,
    wasLate: warning.late.includes(name),
  }));
}

/** Seconds past the deadline, negative while there is time; null when nothing runs. */
export function lateBy(dueAt: number | null, nowNs: number): number | null {
  return dueAt === null ? null : (nowNs - dueAt) / 1e9;
}

const ACTIONS: Record<Warning["state"], readonly Action[]> = {
  unsigned: ["sign"],
  signed: ["ask"],
  asked: ["answer"],
  answered: ["verify", "return"],
  verified: ["close", "return"],
  closed: [],
};
export const RIGHT: Record<Action, string> = {
  sign: "warning.sign",
  ask: "warning.ask",
  answer: "warning.answer",
  return: "warning.verify",
  verify: "warning.verify",
  close: "warning.close",
};
const WORDLESS: ReadonlySet<Action> = new Set(["sign", "ask", "close"]);

/** What this person may do now; the first is the way forward. */
export function actionsOf(state: Warning["state"], may: (permission: string) => boolean): Action[] {
  return ACTIONS[state].filter((action) => may(RIGHT[action]));
}

export const needsWords = (action: Action): boolean => !WORDLESS.has(action);

/** The level that keeps a warning from being closed: it has to fall below yellow first. */
export const isStillUp = (warning: Pick<Warning, "owed" | "due_at">): boolean =>
  warning.owed === "close" && warning.due_at === null;
