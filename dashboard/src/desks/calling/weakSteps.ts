// Weak steps by their cause: what has to be done is said once, with every ladder that it concerns.

import type { Schemas } from "@/service/client";

export type Weak = Schemas["WeakStepView"];

/** Steps of one ladder. */
export interface OfLadder {
  ladder: string;
  steps: Pick<Weak, "place" | "step">[];
}
/** The same people, for the same enterprises. */
export interface WeakRow {
  key: string;
  to: readonly string[];
  enterprises: string[];
  ladders: OfLadder[];
}
export interface WeakCause {
  key: string;
  cause: Weak["cause"];
  /** Of a gap: when it begins, ns UTC. */
  at: number | null;
  /** A last contact is among them: after it there is nobody. */
  isTop: boolean;
  rows: WeakRow[];
}

const stepKey = (one: Weak): string => `${one.ladder} ${one.place} ${one.step} ${one.cause} ${one.at ?? ""}`;

/** How many steps there are, whosever alarms climb them. */
export const countSteps = (weak: readonly Weak[]): number => new Set(weak.map(stepKey)).size;

/** Causes with a last contact first, then in the order of the ladders. */
export function byCause(weak: readonly Weak[]): WeakCause[] {
  const causes = grouped(weak, (one) => `${one.cause} ${one.at ?? ""}`).map(([key, all]) => ({
    key,
    cause: all[0].cause,
    at: all[0].at ?? null,
    isTop: all.some((one) => one.place === "top"),
    rows: rowsOf(all),
  }));
  return causes.sort((a, b) => Number(b.isTop) - Number(a.isTop));
}

function rowsOf(weak: readonly Weak[]): WeakRow[] {
  const steps = grouped(weak, stepKey).map(([, all]) => ({
    ...all[0],
    enterprises: [...new Set(all.map((one) => one.enterprise))].sort(),
  }));
  return grouped(steps, (one) => `${one.to.join(" ")} / ${one.enterprises.join(" ")}`).map(([key, all]) => ({
    key,
    to: all[0].to,
    enterprises: all[0].enterprises,
    ladders: grouped(all, (one) => one.ladder).map(([ladder, own]) => ({ ladder, steps: own })),
  }));
}

/** In the order of the first of each; no group is empty. */
function grouped<T>(all: readonly T[], keyOf: (one: T) => string): [string, [T, ...T[]]][] {
  const found = new Map<string, [T, ...T[]]>();
  for (const one of all) {
    const group = found.get(keyOf(one));
    if (group) group.push(one);
    else found.set(keyOf(one), [one]);
  }
  return [...found];
}
