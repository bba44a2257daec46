import { describe, expect, test } from "vitest";
import { heightsFor, nearest } from "./trendScales";

describe("heights of a trend", () => {
  test("leave room above and below", () => {
    expect(heightsFor([0, 10, null], 0, null)).toEqual({ low: -0.8, high: 10.8 });
  });
  test("noise is not blown up to the height of the picture", () => {
    const { low, high } = heightsFor([5, 5.001], 1, null);
    expect(high - low).toBeCloseTo(1.16);
    expect((high + low) / 2).toBeCloseTo(5.0005);
  });
  test("go no further below nothing than the room that a line needs", () => {
    const { low, high } = heightsFor([0, 4], 20, null);
    expect(low).toBeCloseTo(-1.6);
    expect(high).toBeCloseTo(21.6);
    expect(heightsFor([-1, 1], 4, null).low).toBeCloseTo(-2.32);
  });
  test("stay while the line fits and fills them, and follow when it leaves or shrinks", () => {
    const before = heightsFor([0, 10], 0, null);
    expect(heightsFor([1, 10.5], 0, before)).toBe(before);
    expect(heightsFor([1, 12], 0, before).high).toBeGreaterThan(12);
    expect(heightsFor([4, 6], 0, before).high).toBeLessThan(7);
  });
  test("without a value they are what they were, or something", () => {
    expect(heightsFor([null], 0, null)).toEqual({ low: 0, high: 1 });
    expect(heightsFor([], 0, { low: 2, high: 3 })).toEqual({ low: 2, high: 3 });
  });
});

test("the nearest sample of a series is found across the holes of a joined table", () => {
  const column = [1, undefined, undefined, 4, null, undefined];
  expect(nearest(column, 1)).toBe(0);
  expect(nearest(column, 2)).toBe(3);
  expect(nearest(column, 5)).toBe(4);
  expect(nearest([undefined], 0)).toBeNull();
});
