// An act as a sentence: who did what to what, with the words that went with it.

import { knownSubject, knownText } from "./known";
import { words } from "./words";

interface Act {
  actor: string;
  action: string;
  subject: string;
  text: string;
}
export interface Sentence {
  who: string;
  did: string;
  what: string;
  said: string;
}

export function sentenceOf(act: Act): Sentence {
  const say = words.value;
  const did = (say.act as Record<string, string>)[act.action] ?? act.action.replaceAll(/[._-]/g, " ");
  return {
    who: whoText(act.actor),
    did,
    what: knownSubject(act.subject, did),
    said: act.text ? say.said(knownText(act.action, act.text)) : "",
  };
}

/** `operator:张伟`: 张伟; `gateway:gw1`: 网关 gw1; `service`: 系统. */
export function whoText(actor: string): string {
  const say = words.value;
  const at = actor.indexOf(":");
  if (at < 0) return actor === "service" ? say.service : actor;
  const [kind, name] = [actor.slice(0, at), actor.slice(at + 1)];
  const prefix = (say.who as Record<string, string>)[kind];
  return prefix === undefined ? actor : prefix + name;
}

/** What a `datetime-local` control holds, as ns UTC; undefined while it is empty. */
export function instantOf(local: string): number | undefined {
  const time = local ? new Date(local).getTime() : NaN;
  return Number.isFinite(time) ? time * 1e6 : undefined;
}
