import { describe, expect, it } from "vitest";
import { byCause, countSteps, type Weak } from "./weakSteps";

const weak = (ladder: string, place: Weak["place"], step: number, more: Partial<Weak> = {}): Weak => ({
  ladder,
  enterprise: "E001",
  place,
  step,
  to: ["role:bureau_duty_officer"],
  cause: "nobody",
  at: null,
  ...more,
});

describe("byCause", () => {
  const all = [
    weak("critical", "unacked", 2),
    weak("critical", "unacked", 2, { enterprise: "E002" }),
    weak("high", "unacked", 3),
    weak("high", "unacked", 3, { enterprise: "E002" }),
    weak("high", "top", 0),
    weak("high", "top", 0, { enterprise: "E002" }),
    weak("gas", "unacked", 1, { cause: "no_way", to: ["zhang"] }),
  ];

  it("says a cause once, with each ladder and its steps", () => {
    const [nobody, ...rest] = byCause(all);
    expect(rest.map((one) => one.cause)).toEqual(["no_way"]);
    expect(nobody?.rows).toHaveLength(1);
    expect(nobody?.rows[0]?.enterprises).toEqual(["E001", "E002"]);
    const ladders = nobody?.rows[0]?.ladders.map(({ ladder, steps }) => [ladder, steps.length]);
    expect(ladders).toEqual([
      ["critical", 1],
      ["high", 2],
    ]);
  });

  it("puts the cause first that leaves a last contact without anybody", () => {
    const [first] = byCause([weak("gas", "unacked", 1, { cause: "no_way" }), weak("high", "top", 0)]);
    expect([first?.cause, first?.isTop]).toEqual(["nobody", true]);
  });

  it("keeps two gaps apart that begin at different times", () => {
    const gaps = [1, 2].map((at) => weak("high", "unacked", at, { cause: "gap", at }));
    expect(byCause(gaps)).toHaveLength(2);
  });

  it("counts a step once for all enterprises", () => {
    expect(countSteps(all)).toBe(4);
  });
});
