// What is typed of the first enterprise, and what it starts from.

import type { Schemas } from "@/service/client";

export type Choices = Schemas["SetupChoices"];
export type Quantity = Schemas["QuantityChoice"]["quantity"];
export const SIDES = ["LL", "L", "H", "HH"] as const;
export type Side = (typeof SIDES)[number];

/** Of a control: a name is more than blanks. */
export const NAMED = ".*\\S.*";

/** Numbers are what stands in the control: an empty one is none. */
export interface PointDraft {
  tag: string;
  name: string;
  quantity: Quantity;
  engineering_unit: string;
  range_low: number | "";
  range_high: number | "";
  period_s: number | "";
  limits: Record<Side, number | "">;
  cas: string;
  lel_authority: "" | "IEC" | "NFPA";
}

export interface EnterpriseDraft {
  id: string;
  name: string;
  district: string;
  city: string;
  installation_id: string;
  installation_name: string;
  hazard_class: 1 | 2 | 3 | 4 | null;
  unit_id: string;
  unit_name: string;
  unit_kind: string;
  points: PointDraft[];
}

export function choiceOf(choices: Choices, quantity: Quantity): Schemas["QuantityChoice"] | undefined {
  return choices.quantities.find((one) => one.quantity === quantity);
}

/**
 * A point of this quantity in its unit: the figures to start from, a tag that is free, and a name of the unit and
 * `what` people call the quantity.
 */
export function startPoint(
  choices: Choices,
  quantity: Quantity,
  unit: string,
  taken: readonly string[],
  what: string,
): PointDraft {
  const start = choiceOf(choices, quantity);
  const instrument = start?.tag ?? "XT01";
  return {
    tag: freeTag(unit ? `${unit}.${instrument}` : instrument, taken),
    name: nameIn(unit, what),
    quantity,
    engineering_unit: start?.engineering_unit ?? "",
    range_low: start?.range_low ?? 0,
    range_high: start?.range_high ?? 100,
    period_s: choices.period_s,
    limits: {
      LL: start?.limits.LL ?? "",
      L: start?.limits.L ?? "",
      H: start?.limits.H ?? "",
      HH: start?.limits.HH ?? "",
    },
    cas: "",
    lel_authority: "",
  };
}

/** The tag itself, or the next number of its kind that nobody has. */
export function freeTag(wished: string, taken: readonly string[]): string {
  const [, stem = wished, digits = ""] = /^(.*?)(\d*)$/.exec(wished) ?? [];
  let number = Number(digits || "1");
  let tag = wished;
  while (taken.includes(tag)) tag = `${stem}${String(++number).padStart(Math.max(digits.length, 2), "0")}`;
  return tag;
}

/** A tag that still stands in another unit's name follows the unit; one that was typed stays. */
export function retag(tag: string, before: string, after: string): string {
  return before && tag.startsWith(`${before}.`) ? `${after}${tag.slice(before.length)}` : tag;
}

/** What a thing in a unit is called as long as nobody has given it a better name. */
export function nameIn(unit: string, what: string): string {
  return `${unit} ${what}`.trim();
}

/** A name that still begins with another unit's id follows the unit; one that was typed stays. */
export function rename(name: string, before: string, after: string): string {
  return before && name.startsWith(`${before} `) ? nameIn(after, name.slice(before.length + 1)) : name;
}

const number = (value: number | ""): number | null =>
  value === "" || !Number.isFinite(Number(value)) ? null : Number(value);

/** The draft as the service takes it. */
export function requestOf(draft: EnterpriseDraft): Schemas["EnterpriseRequest"] {
  return {
    ...draft,
    name: draft.name.trim(),
    installation_name: draft.installation_name.trim(),
    unit_name: draft.unit_name.trim(),
    points: draft.points.map((point) => ({
      ...point,
      name: point.name.trim(),
      range_low: number(point.range_low) ?? 0,
      range_high: number(point.range_high) ?? 0,
      period_s: number(point.period_s) ?? 10,
      limits: {
        LL: number(point.limits.LL),
        L: number(point.limits.L),
        H: number(point.limits.H),
        HH: number(point.limits.HH),
      },
    })),
  };
}

export interface Finding {
  field: string;
  place: string;
  wrong: string;
  right: string;
}

/** What a refusal says of each field; `""` holds what belongs to none. */
export function findingsByField(more: Record<string, unknown>): Map<string, Finding[]> {
  const found = new Map<string, Finding[]>();
  for (const finding of (more["findings"] as Finding[] | undefined) ?? []) {
    found.set(finding.field, [...(found.get(finding.field) ?? []), finding]);
  }
  for (const { where, wrong } of (more["errors"] as { where: string; wrong: string }[] | undefined) ?? []) {
    const field = where.replace(/^body\./, "");
    found.set(field, [...(found.get(field) ?? []), { field, place: "", wrong, right: "" }]);
  }
  return found;
}
