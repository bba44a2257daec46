import { describe, expect, it } from "vitest";
import { byWorst, countOf, standingOf, sumBy, type PointCounts } from "./pointCounts";

const counts = (more: Partial<PointCounts>): PointCounts => ({
  points: 10,
  good: 0,
  uncertain: 0,
  bad: 0,
  silent: 0,
  never: 0,
  out_of_service: 0,
  ...more,
});

describe("how points stand", () => {
  it("leaves those out of service out of every denominator", () => {
    const standing = standingOf(counts({ good: 4, bad: 2, silent: 1, never: 1, out_of_service: 2 }));
    expect(standing).toMatchObject({ inUse: 8, online: 6, offline: 2, bad: 2, onlineShare: 0.75 });
    expect(standing.badShare).toBeCloseTo(1 / 3);
  });

  it("has no share of nothing", () => {
    expect(standingOf(counts({ out_of_service: 10 }))).toMatchObject({ onlineShare: null, badShare: null });
    expect(standingOf(counts({ silent: 10 }))).toMatchObject({ onlineShare: 0, badShare: null });
  });

  it("is summed by place", () => {
    const all = [countOf("good"), countOf("bad"), countOf("silent")];
    const sums = sumBy(all, () => "E1");
    expect(sums.get("E1")).toEqual(counts({ points: 3, good: 1, bad: 1, silent: 1 }));
  });

  it("ranks the worst first and what has nothing in use last", () => {
    const some = [
      counts({ out_of_service: 10 }),
      counts({ good: 10 }),
      counts({ good: 9, silent: 1 }),
      counts({ good: 8, bad: 2 }),
    ];
    const order = some.map(standingOf).sort(byWorst);
    expect(order.map((one) => one.onlineShare)).toEqual([0.9, 1, 1, null]);
    expect(order[1]?.bad).toBe(2);
  });
});
