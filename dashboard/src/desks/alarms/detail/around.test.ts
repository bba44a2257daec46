import { expect, it } from "vitest";
import { window } from "./around";

const minute = 60e9;

it("reaches from ten minutes before the onset to now while the alarm lasts", () => {
  expect(window(100 * minute, null, 130 * minute)).toEqual({ start: 90 * minute, end: 130 * minute });
});
it("ends ten minutes after the alarm does", () => {
  expect(window(100 * minute, 105 * minute, 500 * minute).end).toBe(115 * minute);
});
it("is two hours at most", () => {
  expect(window(100 * minute, null, 5000 * minute).end).toBe(210 * minute);
});
