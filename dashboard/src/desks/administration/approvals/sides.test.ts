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
  it("say groups and truths in words", () => {
    expect(valueText({ everything: true, regions: [], city: "x" })).toBe("everything: ✓; city: x");
  });
});
