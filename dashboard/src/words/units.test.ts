import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { SYMBOLS, unitText } from "./units";

const FILE = new URL("../../../alarm_rules/unit_symbols.yaml", import.meta.url);
const ENTRY = /^"?([^"#:]+)"?: "([^"]*)"/;

it("shows the units that the service writes in its messages", () => {
  const entries = readFileSync(FILE, "utf-8")
    .split("\n")
    .flatMap((line) => {
      const [, unit, symbol] = ENTRY.exec(line) ?? [];
      return unit === undefined || symbol === undefined ? [] : [[unit, symbol]];
    });
  expect(Object.fromEntries(entries)).toEqual(SYMBOLS);
});

it("leaves a unit that has no symbol as it is, and writes none for a state", () => {
  expect(["%LEL", "m3/h", "-"].map(unitText)).toEqual(["%LEL", "m³/h", ""]);
});
