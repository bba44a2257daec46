// @vitest-environment jsdom
import { expect, it } from "vitest";
import { heardDesks } from "./settings";

it("hears the few desks in sight when nobody has chosen", () => {
  expect(heardDesks(["E001", ""], null)).toEqual(["E001", ""]);
});
it("hears none of many desks until somebody chooses", () => {
  const many = ["E001", "E002", "E003", "E004", ""];
  expect(heardDesks(many, null)).toEqual([]);
  expect(heardDesks(many, ["E003"])).toEqual(["E003"]);
});
it("hears no desk that has gone out of sight", () => {
  expect(heardDesks(["E001"], ["E001", "E009"])).toEqual(["E001"]);
});
