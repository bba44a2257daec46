import { expect, test } from "vitest";
import { csvLine, guessOf, yamlLine, type Unknown } from "./readyLine";

const seen = (tag: string, device = "E001/GW1"): Unknown => ({
  device,
  tag,
  times: 1,
  first_seen: 1,
  last_seen: 2,
  last_value: 4.5,
});

test.each([
  ["TK103.LT01", "level"],
  ["V201.PT1A", "pressure"],
  ["TK101_TT02", "temperature"],
  ["GA1.GD01", "combustible_gas"],
  ["FT7", "flow"],
  ["whatever", "other"],
])("the quantity of %s is guessed from its letters", (tag, quantity) => {
  expect(guessOf(tag).quantity).toBe(quantity);
});

test("a YAML line names the tag, its device and a range to be looked at", () => {
  expect(yamlLine(seen("TK103.LT01"))).toBe(
    "- {tag: TK103.LT01, quantity: level, engineering_unit: m, range_low: 0, range_high: 12, gateway: GW1}",
  );
});

test("a tag that a device made up cannot break out of its line", () => {
  expect(yamlLine(seen("a}, b: {"))).toContain('tag: "a}, b: {"');
  expect(csvLine(seen('a",b'))).toContain('"a"",b"');
});
