import { expect, test } from "vitest";
import { valueText } from "./valueText";

test("a value that is not given is told as such", () => {
  expect([null, undefined, "", []].map((value) => valueText(value, "none"))).toEqual(Array(4).fill("none"));
});

test("numbers, truths and lists are told as they stand in the register", () => {
  expect([0, 10.5, false, ["a", "b"]].map((value) => valueText(value, "none"))).toEqual([
    "0",
    "10.5",
    "false",
    "a；b",
  ]);
});
