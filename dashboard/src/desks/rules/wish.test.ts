// @vitest-environment jsdom
import { describe, expect, it } from "vitest";
import { changesOf, chosenOf, type Chosen, type Rule } from "./wish";

const fact = (field: string, value: unknown) => ({ field, value, unit: "", may_change: true });
const RULE = {
  id: "E1/LT1.H",
  facts: [
    fact("when.setpoint", 10),
    fact("when.deadband", 0.02),
    fact("off_delay_s", 0),
    fact("latched", false),
  ],
} as unknown as Rule;
const plain = () => "number";

function type(chosen: Chosen, field: string, text: string): void {
  const found = chosen.fields.find((each) => each.field === field);
  expect(found).toBeDefined();
  if (found) found.text = text;
}

describe("a wish for other limits", () => {
  it("is nothing as long as nothing was typed", () => {
    expect(changesOf([chosenOf(RULE)], plain)).toEqual({ changes: [], broken: [] });
  });
  it("holds only what differs, as numbers", () => {
    const chosen = chosenOf(RULE);
    type(chosen, "when.deadband", " 0,2 ");
    type(chosen, "when.setpoint", "10.0");
    expect(changesOf([chosen], plain).changes).toEqual([
      { rule: "E1/LT1.H", field: "when.deadband", new: 0.2 },
    ]);
  });
  it("names what cannot be read", () => {
    const chosen = chosenOf(RULE);
    type(chosen, "when.setpoint", "ten");
    expect(changesOf([chosen], plain)).toEqual({ changes: [], broken: ["E1/LT1.H when.setpoint"] });
  });
  it("to switch a rule off is one change", () => {
    const chosen = chosenOf(RULE);
    chosen.off = true;
    expect(changesOf([chosen], plain).changes).toEqual([{ rule: "E1/LT1.H", field: "", new: null }]);
  });
  it("begins with what was tried before", () => {
    const chosen = chosenOf(RULE, [{ rule: "E1/LT1.H", field: "latched", new: true }]);
    expect(changesOf([chosen], plain).changes).toEqual([{ rule: "E1/LT1.H", field: "latched", new: true }]);
  });
});
