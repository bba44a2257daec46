// What the call-up board says of one call-up, from its facts.

import { person } from "@/service/session";
import type { Schemas } from "@/service/client";
import { millis, spanText } from "@/words/format";
import { words } from "./callUpWords";

export type CallUp = Schemas["CallUpView"];
export type Attempt = Schemas["AttemptView"];
const NS_PER_S = 1e9;

/** Seconds from the beginning to the answer, or to the end; null while it goes on. */
export function tookS(one: Pick<CallUp, "started_at" | "ended_at">): number | null {
  return one.ended_at === null ? null : Math.max(0, (one.ended_at - one.started_at) / NS_PER_S);
}

/** Seconds until something happens next by itself; null: nothing will. */
export function nextInS(one: Pick<CallUp, "next_at">, nowMs: number): number | null {
  return one.next_at === null ? null : (millis(one.next_at) - nowMs) / 1000;
}

/** When the next call comes, in words; nothing while one is under way, for nobody knows how that ends. */
export function nextText(one: Pick<CallUp, "next_at" | "state" | "attempts">, nowMs: number): string {
  const left = nextInS(one, nowMs);
  if (left === null || one.state !== "calling" || one.attempts.at(-1)?.outcome === "") return "";
  return left <= 0 ? words.value.nextNow : words.value.next(spanText(Math.ceil(left)));
}

/** Who answered, in words: a way of the telephone, or a name on the page. */
export function answeredByText(one: Pick<CallUp, "answered_by">): string {
  const ways = words.value.answeredBy;
  if (one.answered_by === "keypad") return ways.keypad;
  if (one.answered_by === "phone") return ways.phone;
  return one.answered_by ? words.value.byPage(one.answered_by) : "";
}

/** One call in words: outcome, how long it was listened to, keys. */
export function attemptText(attempt: Attempt): string {
  const say = words.value;
  const outcome = (say.outcome as Record<string, string>)[attempt.outcome] ?? attempt.outcome;
  const parts = [outcome];
  if (attempt.listened_s !== null) parts.push(say.listened(attempt.listened_s.toFixed(0)));
  if (attempt.pressed) parts.push(say.pressed(attempt.pressed));
  return parts.join(" · ");
}

/** May this person answer it: one's own call, or anybody's with the right to call people up. */
export function mayAnswer(
  one: Pick<CallUp, "state" | "receiver">,
  rights: { answer: boolean; start: boolean },
  loginOf: (receiver: string) => string,
): boolean {
  if (!rights.answer || !["calling", "not_woken"].includes(one.state)) return false;
  return rights.start || (loginOf(one.receiver) !== "" && loginOf(one.receiver) === person.value?.name);
}
