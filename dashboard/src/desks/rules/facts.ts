// Facts of rules as people read and type them. A fact is one key of a rule, or `when.` and a parameter.

import type { Schemas } from "@/service/client";
import { spanText } from "@/words/format";
import { words as common } from "@/words/words";
import { several } from "@/words/language";
import { unitText } from "@/words/units";
import { words } from "./words";

export type Value = string | boolean | number | readonly string[] | null | undefined;
export type Parameter = Schemas["ParameterDescription"];
export type Input = "number" | "yes" | "choice" | "text" | "none";

/** A number without needless zeros: 9.5, 0.02, 1200. */
export function figure(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(6)));
}

/** As it stands beside its name: `9.5 m`, `1 分`, `是`. */
export function valueText(value: Value, unit: string, field = ""): string {
  if (value === null || value === undefined || value === "") return "—";
  if (typeof value === "boolean") return value ? words.value.yes : words.value.no;
  if (typeof value === "number") {
    if (unit === "s" && value >= 60) return spanText(value);
    return `${figure(value)}${unit ? ` ${unit === "s" ? words.value.seconds : unitText(unit)}` : ""}`;
  }
  if (typeof value !== "string") return value.length ? several(value) : "—";
  const named: Record<string, Record<string, string>> = {
    priority: common.value.priority,
    class: common.value.alarmClass,
  };
  return named[field]?.[value] ?? value;
}

const CHOICES: Record<string, readonly string[]> = {
  priority: ["LOW", "MEDIUM", "HIGH", "CRITICAL"],
  class: ["process", "instrument", "advisory"],
};

/** Words to choose among; empty: it is typed. `kind` is the parameter's: `one of HH, H, L, LL`. */
export function choicesOf(field: string, kind = ""): readonly string[] {
  const known = CHOICES[field];
  if (known) return known;
  return kind.startsWith("one of ") ? kind.slice("one of ".length).split(", ") : [];
}

/** How a fact is typed; "none": lists are changed in the site's files. */
export function inputOf(value: Value, field: string, kind = ""): Input {
  if (choicesOf(field, kind).length) return "choice";
  if (typeof value === "boolean") return "yes";
  if (Array.isArray(value) || kind.startsWith("list")) return "none";
  if (typeof value === "number" || /number/.test(kind) || field.endsWith("_s")) return "number";
  return "text";
}

/** What was typed as the service takes it; undefined: it cannot be read. */
export function typed(text: string, input: Input): Value {
  if (input === "yes") return text === "true";
  if (input !== "number") return text;
  const number = Number(text.trim().replace("，", ".").replace(",", "."));
  return text.trim() !== "" && Number.isFinite(number) ? number : undefined;
}

/** The order in which people look at facts: set-points first, delays, the rest, words last. */
const ORDER = ["when.side", "when.setpoint", "when.deadband"];
const DELAYS = ["on_delay_s", "off_delay_s", "latched", "priority", "time_to_respond_s"];
const WORDS = [
  "class",
  "name",
  "name_en",
  "consequence",
  "consequence_en",
  "response",
  "response_en",
  "suppressed_by",
];

export function rankOf(field: string): number {
  if (ORDER.includes(field)) return ORDER.indexOf(field);
  if (field.startsWith("when.")) return 10;
  if (DELAYS.includes(field)) return 20 + DELAYS.indexOf(field);
  return 40 + WORDS.indexOf(field);
}
