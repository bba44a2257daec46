import { expect, it } from "vitest";
import { rowsIn } from "./room";

it("shows every row that fits, also in the place of the line that would tell of it", () => {
  expect(rowsIn(500, 50, 9)).toBe(9);
  expect(rowsIn(500, 50, 10)).toBe(10);
});
it("keeps a line for how many more there are", () => {
  expect(rowsIn(500, 50, 11)).toBe(9);
  expect(rowsIn(549, 50, 11)).toBe(9);
});
it("shows the most urgent one however little room there is", () => {
  expect(rowsIn(20, 50, 7)).toBe(1);
});
