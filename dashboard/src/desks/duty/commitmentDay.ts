// How a day stands: which enterprise has given its commitment in time, late, not at all, or still may.

export type DayState = "missing" | "late" | "pending" | "given" | "extra";
export interface Given {
  enterprise: string;
  version: number;
  /** ns UTC, of the newest version. */
  recorded_at: number;
}
export interface DayRow<C extends Given> {
  enterprise: string;
  state: DayState;
  commitment: C | null;
}
const ORDER: DayState[] = ["missing", "late", "pending", "given", "extra"];

/**
 * Enterprises in the order in which they need somebody.
 *
 * `missed` are those that the service found without one at the deadline; null: it has not settled that day
 * yet. A corrected commitment was recorded anew, so that only the settlement says whether the first was in time.
 */
export function dayRows<C extends Given>(
  enterprises: readonly string[],
  given: readonly C[],
  missed: readonly string[] | null,
  deadlinePassed: boolean,
): DayRow<C>[] {
  const found = new Map(given.map((one) => [one.enterprise, one]));
  const late = new Set(missed ?? []);
  const stateOf = (enterprise: string): DayState => {
    const has = found.has(enterprise);
    if (!deadlinePassed) return has ? "given" : "pending";
    if (missed === null) return has ? "extra" : "missing";
    if (late.has(enterprise)) return has ? "late" : "missing";
    return has ? "given" : "missing";
  };
  return enterprises
    .map((enterprise) => ({
      enterprise,
      state: stateOf(enterprise),
      commitment: found.get(enterprise) ?? null,
    }))
    .sort((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state));
}

export function countStates(rows: readonly { state: DayState }[]): Record<DayState, number> {
  const counts: Record<DayState, number> = { missing: 0, late: 0, pending: 0, given: 0, extra: 0 };
  for (const row of rows) counts[row.state] += 1;
  return counts;
}
