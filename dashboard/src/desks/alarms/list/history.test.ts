import { expect, it } from "vitest";
import { beginning, fieldNs, localText, queryOf } from "./history";

it("reads back a local time that it wrote", () => {
  const minute = 1_750_000_020_000;
  expect(fieldNs(localText(minute))).toBe(Math.floor(minute / 60_000) * 60_000 * 1e6);
});
it("knows no time in an empty field", () => {
  expect(fieldNs("")).toBeUndefined();
});
it("asks for closed alarms of a week at first", () => {
  const query = queryOf(beginning(1_750_000_000_000));
  expect(query.state).toEqual(["NORM"]);
  expect(query.since).toBeGreaterThan(0);
  expect(query).not.toHaveProperty("until");
});
it("names enterprise and installation by themselves", () => {
  const query = queryOf({ ...beginning(0), installation: "E001/H01", open: "", priority: "HIGH" });
  expect(query).toMatchObject({ enterprise: "E001", installation: "H01", priority: ["HIGH"] });
  expect(query).not.toHaveProperty("state");
});
