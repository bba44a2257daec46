// A ladder's steps as a line of time: after how long, whom, how.

import { spanText } from "@/words/format";
import { words as common } from "@/words/words";
import { several } from "@/words/language";
import { words } from "./words";

/** A step or the top contact as `GET /escalation/ladders` writes it. */
export interface Written {
  after_s?: number;
  every_s?: number;
  to: string[];
  channels: string[];
  repeat_every_s?: number;
  repeat_times?: number;
  call_up: boolean;
}
export interface Contact {
  /** `role`, `rota` or a receiver. */
  kind: "role" | "rota" | "receiver";
  id: string;
}

export function contactOf(name: string): Contact {
  const [kind, id] = name.split(":", 2);
  if ((kind === "role" || kind === "rota") && id) return { kind, id };
  return { kind: "receiver", id: name };
}

/** 立即; 5 分后. */
export function afterText(seconds: number): string {
  return seconds <= 0 ? words.value.atOnce : words.value.after(spanText(seconds));
}

export function repeatText(step: Written): string {
  if (step.every_s) return words.value.every(spanText(step.every_s));
  if (step.repeat_times && step.repeat_every_s)
    return words.value.repeat(step.repeat_times, spanText(step.repeat_every_s));
  return "";
}

/** What of an alarm a ladder asks for, in words. */
export function matchText(field: string, values: readonly string[]): string {
  const named: Record<string, Record<string, string>> = {
    priority: common.value.priority,
    alarm_class: common.value.alarmClass,
  };
  return several(values.map((value) => named[field]?.[value] ?? value));
}

export function roleName(role: string): string {
  return (common.value.role as Record<string, string>)[role] ?? role;
}
