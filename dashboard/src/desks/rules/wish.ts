// A wish for other limits while it is being typed: chosen rules, and for each the fields that shall be others.

import { reactive } from "vue";
import type { Schemas } from "@/service/client";
import { inputOf, typed, type Value } from "./facts";

export type Rule = Schemas["RuleDetail"];
export interface Typed {
  field: string;
  /** As typed. */
  text: string;
}
export interface Chosen {
  rule: Rule;
  off: boolean;
  fields: Typed[];
}
export interface Change {
  rule: string;
  field: string;
  new: Value;
}

/** Fields that people change most stand there from the beginning. */
const USUAL = ["when.setpoint", "when.deadband", "when.rate", "when.horizon_s", "on_delay_s", "off_delay_s"];

export const textOf = (value: Value): string =>
  value === null || value === undefined ? "" : Array.isArray(value) ? value.join("; ") : String(value);

export function chosenOf(rule: Rule, earlier: readonly Change[] = []): Chosen {
  const known = new Map(rule.facts.map((fact) => [fact.field, fact]));
  const mine = earlier.filter((each) => each.rule === rule.id);
  const fields = [
    ...new Set([...USUAL.filter((field) => known.has(field)), ...mine.map((each) => each.field)]),
  ];
  const wished = new Map(mine.map((each) => [each.field, each.new]));
  return reactive({
    rule,
    off: mine.some((each) => each.field === ""),
    fields: fields
      .filter((field) => known.has(field))
      .map((field) => ({
        field,
        text: textOf(wished.has(field) ? wished.get(field) : known.get(field)?.value),
      })),
  });
}

export const kindOf = (field: string, parameters: readonly Schemas["ParameterDescription"][]): string =>
  parameters.find((each) => `when.${each.name}` === field)?.kind ?? "";

/** What was typed for a field; undefined: it cannot be read. */
export function newValue(chosen: Chosen, each: Typed, kind: string): Value {
  const fact = chosen.rule.facts.find((one) => one.field === each.field);
  return typed(each.text, inputOf(fact?.value, each.field, kind));
}

/** All that differs from what is in force. Fields that cannot be read are left out: `broken` names them. */
export function changesOf(
  all: readonly Chosen[],
  kindOfField: (rule: Rule, field: string) => string,
): { changes: Change[]; broken: string[] } {
  const changes: Change[] = [];
  const broken: string[] = [];
  for (const chosen of all) {
    if (chosen.off) {
      changes.push({ rule: chosen.rule.id, field: "", new: null });
      continue;
    }
    for (const each of chosen.fields) {
      const old = chosen.rule.facts.find((fact) => fact.field === each.field)?.value;
      if (each.text === textOf(old)) continue;
      const value = newValue(chosen, each, kindOfField(chosen.rule, each.field));
      if (value === undefined) broken.push(`${chosen.rule.id} ${each.field}`);
      else if (value !== old) changes.push({ rule: chosen.rule.id, field: each.field, new: value });
    }
  }
  return { changes, broken };
}
