/** A value of the register as people read it. */
export function valueText(value: unknown, none: string): string {
  if (value === null || value === undefined || value === "") return none;
  if (Array.isArray(value)) return value.length ? value.map(String).join("；") : none;
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
