// What went with an act, in the reader's language. Rows are never rewritten (each is part of the chain), so the
// forms in which the service writes them are read here; what is no such form is shown as it is.

import { timeText } from "@/words/format";
import { labelled, wordFor } from "@/words/language";
import { mine } from "@/words/mine";
import { words as common } from "@/words/words";
import { words as approvals } from "../approvals/words";
import { fieldName } from "../../rules/kindWords";
import { words } from "./words";

type Read = (...found: string[]) => string;

const roles = (list: string): string =>
  list
    .split(", ")
    .map((role) => wordFor(common.value.role, role))
    .join(words.value.known.comma);
const sight = (list: string): string => wordFor(words.value.known.sight, list);
const rights = (given: string, over: string): string => words.value.known.rights(roles(given), sight(over));

/** Forms by act; those of "" stand for all that have none of their own. */
const FORMS: Record<string, [RegExp, Read][]> = {
  session: [
    [/^session (\S+) from (\S+)$/, (id, from) => words.value.known.session(id, from)],
    [/^session (\S+)$/, (id) => words.value.known.session(id, "")],
    [
      /^wrong (\S+), from (\S+)$/,
      (what, from) => words.value.known.wrong(wordFor(words.value.known.secret, what), from),
    ],
  ],
  user: [
    [/^(.*) for (.*) -> (.*) for (.*)$/, (a, b, c, d) => `${rights(a, b)} → ${rights(c, d)}`],
    [/^(.*) for (.*)$/, rights],
  ],
  key: [
    [
      /^(\w+) '(.*)' for (.*)$/,
      (kind, name, over) =>
        words.value.known.key(wordFor(words.value.known.keyKind, kind), name, sight(over)),
    ],
    [
      /^(\w+) '(.*)'$/,
      (kind, name) => words.value.known.key(wordFor(words.value.known.keyKind, kind), name, ""),
    ],
  ],
  receiver: [
    [
      /^(person|duty_phone|device) (.+)$/s,
      (kind, name) => `${wordFor(words.value.known.receiverKind, kind)} ${name}`,
    ],
  ],
  target: [
    [
      /^(\d+): (\w+) (.*)$/s,
      (number, channel, hint) =>
        words.value.known.target(number, wordFor(words.value.known.channel, channel), hint),
    ],
  ],
  quarantine: [[/^(\d+) samples; (.*)$/s, (taken, why) => words.value.known.taken(taken, why)]],
  shift: [
    [/^to (.+)$/, (name) => words.value.known.to(name)],
    [/^from (.+)$/, (name) => words.value.known.from(name)],
  ],
  level: [
    [
      /^(none|blue|yellow|orange|red): (.*)$/s,
      (level, why) => `${wordFor(common.value.level, level)} · ${why}`,
    ],
  ],
  commitment: [
    [/^(\d+) of (\d+)$/, (given, all) => words.value.known.ofAll(given, all)],
    [/^(\S+) v(\d+) ?(.*)$/s, (day, version, why) => words.value.known.version(day, version, why)],
  ],
  setup: [[/^(\d+) points in (.+)$/, (points, folder) => words.value.known.points(points, folder)]],
  duty_check: [
    [/^planned for (.+)$/, (time) => words.value.known.planned(time)],
    [/^page$/, () => words.value.known.onPage],
    [/^link:(\w*)$/, (channel) => words.value.known.byLink(wordFor(words.value.known.channel, channel))],
  ],
};

/** Ends that may follow what a person wrote: `; until 1795370000000000000; agreed by 李娜`. */
const UNTIL = /; until (\d{16,})/;
const AGREED = /; agreed by ([^;]+)$/;
/** What a proposal is about, before its title: `limit E001：...`. */
const PROPOSAL = /^(role|notification_target|limit|register|ladder) (\S+?)(?=：|: |，|, )/;
/** A fact of a rule: `E001/TK102.LT01.H when.deadband: 0.6 → 0.8`. */
const FACT = / (when\.\w+|[a-z]+(?:_[a-z]+)*): (?=[^;；]*→)/g;
const INSTANT = /\b1\d{18}\b/g;

/** The words of an act as they are read. */
export function knownText(action: string, text: string): string {
  const own = mine(text);
  for (const [form, read] of FORMS[action.split(".")[0] ?? ""] ?? []) {
    const found = form.exec(own);
    if (found) return read(...found.slice(1));
  }
  return own
    .replace(PROPOSAL, (_all, kind: string, id: string) => `${wordFor(approvals.value.kind, kind)} ${id}`)
    .replace(FACT, (_all, field: string) => ` ${labelled(fieldName(field), "")}`)
    .replace(UNTIL, (_all, until: string) => words.value.known.until(timeText(Number(until))))
    .replace(AGREED, (_all, by: string) => words.value.known.agreed(by))
    .replaceAll(INSTANT, (instant) => timeText(Number(instant)));
}

/** Upon what an act was: `receiver:zhang` is a receiver, `message:12` a message. The kind is left out where the
 * words of the act end with it, and the set-up where there is only the one. */
export function knownSubject(subject: string, did = ""): string {
  if (subject === "setup") return "";
  const [, kind, id] = /^(receiver|message|rota|link):(.+)$/.exec(subject) ?? [];
  if (!kind || !id) return subject;
  const word = wordFor(words.value.known.subject, kind);
  return did.endsWith(word) ? id : `${word} ${id}`;
}
