// Old and new side by side: the fields that differ first, each as a person reads it.

export interface Side {
  field: string;
  old: string;
  new: string;
  differs: boolean;
}

/** One value as text: lists with commas, groups as `name: value`; empty for nothing. */
export function valueText(value: unknown): string {
  if (value === null || value === undefined || value === "") return "";
  if (Array.isArray(value)) return value.map(valueText).join("、");
  if (typeof value === "object")
    return Object.entries(value)
      .filter(([, inner]) => valueText(inner) !== "")
      .map(([name, inner]) => `${name}: ${valueText(inner)}`)
      .join("; ");
  if (typeof value === "boolean") return value ? "✓" : "✗";
  return String(value);
}

export function sidesOf(before: Record<string, unknown>, after: Record<string, unknown>): Side[] {
  const fields = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return fields
    .map((field) => {
      const [old, now] = [valueText(before[field]), valueText(after[field])];
      return { field, old, new: now, differs: old !== now };
    })
    .sort((a, b) => Number(b.differs) - Number(a.differs));
}
