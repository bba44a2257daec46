import { expect, test } from "vitest";
import { partsOf } from "./parts";

test("a week of seconds comes in parts that are not thinned", () => {
  const parts = partsOf({ from: 0, to: 604_800 }, 1);
  expect(parts.length).toBe(76);
  expect(parts.every((part) => !part.thinned && part.to - part.from <= 8000)).toBe(true);
  expect(parts.at(-1)?.to).toBeCloseTo(604_800);
});
test("what would take too many parts is thinned, and says so", () => {
  const parts = partsOf({ from: 0, to: 604_800 }, 0.1);
  expect(parts).toHaveLength(80);
  expect(parts[0]?.thinned).toBe(true);
});
test("a short time is one part", () => {
  expect(partsOf({ from: 5, to: 605 }, 2)).toEqual([{ from: 5, to: 605, thinned: false }]);
});
