import { expect, it } from "vitest";
import { progressAt } from "./orderProgress";

const MIN = 60e9;
const order = { soon_at: 9 * MIN, deadline: 12 * MIN, closed_at: null };

it("turns at its own moments, however short the order is", () => {
  const seen = [0, 9 * MIN - 1, 9 * MIN, 12 * MIN - 1, 12 * MIN].map((now) => progressAt(order, now));
  expect(seen).toEqual(["green", "green", "yellow", "yellow", "red"]);
});

it("keeps the colour of its closing", () => {
  expect(progressAt({ ...order, closed_at: 10 * MIN }, 99 * MIN)).toBe("yellow");
});
