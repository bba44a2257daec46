// Who of the call-up board still waits for somebody: matter by matter it names people again and again, here each once.

import type { Schemas } from "@/service/client";
import type { CallUp } from "./callUps";

export type Matter = Schemas["CallUpMatterView"];

/** Somebody with everything that waits for an answer of this one person. */
export interface Waiting {
  receiver: string;
  /** The most urgent matter first. */
  callUps: CallUp[];
  /** The most urgent matter that he is called for. */
  matter: Matter;
  /** ns UTC. */
  since: number;
}

/** Nobody has seen to him yet. */
export const isUntaken = (one: Pick<CallUp, "state" | "taken_over_at">): boolean =>
  (one.state === "not_woken" || one.state === "cannot_come") && one.taken_over_at === null;
export const isCalling = (one: Pick<CallUp, "state">): boolean => one.state === "calling";

/** Each person once, in the order of the matters; a call-up for several matters counts once. */
export function peopleOf(matters: readonly Matter[], which: (one: CallUp) => boolean): Waiting[] {
  const found = new Map<string, Waiting>();
  for (const matter of matters) {
    for (const one of matter.call_ups.filter(which)) {
      const known = found.get(one.receiver);
      if (!known) {
        found.set(one.receiver, {
          receiver: one.receiver,
          callUps: [one],
          matter,
          since: one.started_at,
        });
      } else if (!known.callUps.some((other) => other.id === one.id)) {
        known.callUps.push(one);
        known.since = Math.min(known.since, one.started_at);
      }
    }
  }
  return [...found.values()];
}

/** A person of one matter: the call-up that says how it stands, and how many there were. */
export interface Called {
  shown: CallUp;
  times: number;
}

/** Each person of a matter once: who was called again and again is one row, not woken until somebody sees to it. */
export function rowsOf(matter: Pick<Matter, "call_ups">): Called[] {
  const byPerson = new Map<string, CallUp[]>();
  for (const one of matter.call_ups) {
    byPerson.set(one.receiver, [...(byPerson.get(one.receiver) ?? []), one]);
  }
  return [...byPerson.values()].flatMap((all) => {
    const shown = all.findLast(isUntaken) ?? all[0];
    return shown ? [{ shown, times: all.length }] : [];
  });
}
