import { describe, expect, test } from "vitest";
import { liveWindow, shifted, zoomed } from "./windows";

describe("what a trend shows", () => {
  test("a live window ends a little after now and moves in steps of a pixel", () => {
    expect(liveWindow(10_003, 3600)).toEqual(liveWindow(10_004, 3600));
    const { from, to } = liveWindow(10_000, 600);
    expect(to).toBeGreaterThan(10_000);
    expect(from).toBeLessThanOrEqual(10_000 - 600);
    expect(liveWindow(10_001, 600).from - from).toBeCloseTo(1);
  });
  test("earlier and later keep the length", () => {
    expect(shifted({ from: 100, to: 200 }, -0.5)).toEqual({ from: 50, to: 150 });
  });
  test("a dragged stretch has at least ten seconds", () => {
    expect(zoomed(100, 101)).toEqual({ from: 95.5, to: 105.5 });
    expect(zoomed(100, 160)).toEqual({ from: 100, to: 160 });
  });
});
