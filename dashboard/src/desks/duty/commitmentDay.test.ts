import { describe, expect, it } from "vitest";
import { countStates, dayRows, type Given } from "./commitmentDay";

const given = (enterprise: string, version = 1): Given => ({ enterprise, version, recorded_at: 1 });
const states = (rows: { enterprise: string; state: string }[]) =>
  Object.fromEntries(rows.map((row) => [row.enterprise, row.state]));

describe("a day of commitments", () => {
  it("waits for the others until the deadline", () => {
    const rows = dayRows(["A", "B"], [given("A")], [], false);
    expect(states(rows)).toEqual({ A: "given", B: "pending" });
    expect(rows[0]?.enterprise).toBe("B");
  });

  it("tells late from missing once it is settled", () => {
    const rows = dayRows(["A", "B", "C"], [given("A"), given("B")], ["B", "C"], true);
    expect(rows.map((row) => row.enterprise)).toEqual(["C", "B", "A"]);
    expect(states(rows)).toEqual({ A: "given", B: "late", C: "missing" });
    expect(countStates(rows)).toEqual({ missing: 1, late: 1, pending: 0, given: 1, extra: 0 });
  });

  it("keeps a corrected commitment in time although its newest version came later", () => {
    expect(states(dayRows(["A"], [given("A", 3)], [], true))).toEqual({ A: "given" });
  });

  it("says neither in time nor late of a day that was never settled", () => {
    expect(states(dayRows(["A", "B"], [given("A")], null, true))).toEqual({ A: "extra", B: "missing" });
  });
});
