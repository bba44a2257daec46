import { expect, it } from "vitest";
import { choices } from "./spans";

it("offers usual times up to the longest that the policy allows", () => {
  expect(choices(1800)).toEqual([600, 1800]);
  expect(choices(5400)).toEqual([600, 1800, 3600, 5400]);
});
it("offers no more than six", () => {
  expect(choices(2_592_000)).toHaveLength(6);
  expect(choices(2_592_000).at(-1)).toBe(2_592_000);
});
it("offers nothing where the policy allows nothing", () => {
  expect(choices(0)).toEqual([]);
});
