import { expect, test } from "vitest";
import type { Telling } from "../telling";
import { projected } from "./projection";

const LINE = { slope: 0.01, time: 1000, value: 9, windowS: 300 };
const telling: Telling = {
  line: LINE,
  ahead: [
    { limit: "H", setpoint: 10, seconds: 100 },
    { limit: "HH", setpoint: 11, seconds: 200 },
  ],
  why: null,
  byGateway: false,
};
const NEWEST = { time: 1000, value: 9.01, quality: "good" };

test("goes at the rate of the line to the furthest limit", () => {
  expect(projected(telling, NEWEST, 5000)).toEqual({ times: [1000, 1200], values: [9, 11] });
});
test("ends where the picture ends", () => {
  expect(projected(telling, NEWEST, 1050)?.values[1]).toBeCloseTo(9.5);
});
test("what the gateway tells begins at the newest sample", () => {
  expect(projected({ ...telling, byGateway: true }, NEWEST, 5000)?.values[0]).toBe(9.01);
});
test("is not drawn without a limit ahead, without a value, or in the past", () => {
  expect(projected({ ...telling, ahead: [] }, NEWEST, 5000)).toBeNull();
  expect(projected(telling, { ...NEWEST, value: null }, 5000)).toBeNull();
  expect(projected(telling, NEWEST, 900)).toBeNull();
});
