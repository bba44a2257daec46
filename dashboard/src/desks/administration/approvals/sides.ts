// Old and new side by side: the fields that differ first, each as a person reads it.

import { several } from "@/words/language";

export interface Side {
  field: string;
  old: string;
  new: string;
  differs: boolean;
}

/** What words of the data are called; the word itself where it has no other name. */
export type Names = (word: string) => string;
const asItIs: Names = (word) => word;

/** One value as text: lists with commas, groups as `name: value`; empty for nothing. */
export function valueText(value: unknown, names: Names = asItIs): string {
  if (value === null || value === undefined || value === "") return "";
  if (Array.isArray(value)) return several(value.map((one) => valueText(one, names)));
  if (typeof value === "object")
    return Object.entries(value)
      .filter(([, inner]) => valueText(inner, names) !== "")
      .map(([name, inner]) => `${names(name)}: ${valueText(inner, names)}`)
      .join("; ");
  if (typeof value === "boolean") return value ? "✓" : "✗";
  return typeof value === "string" ? names(value) : String(value);
}

/** What only the service's own bookkeeping needs: nobody decides by it. */
const BOOKKEEPING = new Set(["id", "by", "version", "changed_at", "changed_by"]);

export function sidesOf(
  before: Record<string, unknown>,
  after: Record<string, unknown>,
  names: Names = asItIs,
): Side[] {
  const fields = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (field) => !BOOKKEEPING.has(field),
  );
  return fields
    .map((field) => {
      const [old, now] = [valueText(before[field], names), valueText(after[field], names)];
      return { field: names(field), old, new: now, differs: old !== now };
    })
    .sort((a, b) => Number(b.differs) - Number(a.differs));
}
