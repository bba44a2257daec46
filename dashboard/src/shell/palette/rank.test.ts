import { expect, test } from "vitest";
import { ranked, score } from "./rank";

test("every word must occur, in any of a thing's names", () => {
  expect(score(["TK101.LT01", "甲醇储罐液位"], "tk101 液位")).toBeGreaterThan(0);
  expect(score(["TK101.LT01", "甲醇储罐液位"], "tk101 压力")).toBe(0);
  expect(score(["TK101"], "  ")).toBe(0);
});

test("the beginning of a name is better than the inside of one", () => {
  const pages = ["Supervision", "Overview", "View of alarms"];
  expect(ranked(pages, (page) => [page], "view")).toEqual(["View of alarms", "Overview"]);
});

test("a word after a separator is better than one inside another word", () => {
  expect(score(["duty-checks"], "checks")).toBeGreaterThan(score(["crosschecks"], "checks"));
});

test("equal answers stay in their order", () => {
  expect(ranked(["b1", "b2", "a"], (one) => [one], "b")).toEqual(["b1", "b2"]);
});
