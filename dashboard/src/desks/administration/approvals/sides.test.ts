// @vitest-environment jsdom
import { describe, expect, it } from "vitest";
import { sidesOf, valueText } from "./sides";

describe("sides of a proposal", () => {
  it("begin with what differs", () => {
    const sides = sidesOf({ name: "a", roles: ["viewer"] }, { name: "a", roles: ["viewer", "operator"] });
    expect(sides.map((side) => [side.field, side.differs])).toEqual([
      ["roles", true],
      ["name", false],
    ]);
    expect(sides[0]?.new).toBe("viewer、operator");
  });
  it("show what is new beside nothing", () => {
    expect(sidesOf({}, { HH: 0 })).toEqual([{ field: "HH", old: "", new: "0", differs: true }]);
  });
  it("leave out what only the service's bookkeeping needs", () => {
    const sides = sidesOf({ id: "x", version: 1, changed_at: 1795390784715848437n, name: "a" }, { by: "b" });
    expect(sides.map((side) => side.field)).toEqual(["name"]);
  });
  it("say groups and truths in words", () => {
    expect(valueText({ everything: true, regions: [], city: "x" })).toBe("everything: ✓; city: x");
  });
});
