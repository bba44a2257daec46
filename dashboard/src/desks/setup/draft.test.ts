import { describe, expect, it } from "vitest";
import type { Choices } from "./draft";
import { findingsByField, freeTag, rename, requestOf, retag, startPoint } from "./draft";

const choices = {
  note: "default",
  gases: [],
  unit_kinds: ["storage_tank"],
  period_s: 10,
  quantities: [
    {
      quantity: "level",
      tag: "LT01",
      unit_kind: "storage_tank",
      units: ["m"],
      engineering_unit: "m",
      range_low: 0,
      range_high: 12,
      limits: { LL: null, L: 1.5, H: 10, HH: null },
      packs: ["level"],
      gases: [],
      source: "",
    },
  ],
} as Choices;

describe("a first point", () => {
  it("starts from the figures of its quantity", () => {
    const point = startPoint(choices, "level", "TK101", [], "液位");
    expect(point).toMatchObject({ tag: "TK101.LT01", name: "TK101 液位", range_high: 12, period_s: 10 });
    expect(point.limits).toEqual({ LL: "", L: 1.5, H: 10, HH: "" });
  });
  it("takes the next free tag of its kind", () => {
    expect(startPoint(choices, "level", "TK101", ["TK101.LT01", "TK101.LT02"], "液位").tag).toBe(
      "TK101.LT03",
    );
    expect(freeTag("GD", ["GD"])).toBe("GD02");
  });
  it("follows its unit's new name, but not where the tag was typed", () => {
    expect(retag("TK101.LT01", "TK101", "V2")).toBe("V2.LT01");
    expect(retag("LIA-3", "TK101", "V2")).toBe("LIA-3");
  });
  it("follows its unit's new name with its own, but not where that was typed", () => {
    expect(rename("TK101 液位", "TK101", "V2")).toBe("V2 液位");
    expect(rename("TK1011 液位", "TK101", "V2")).toBe("TK1011 液位");
    expect(rename("甲醇罐液位", "TK101", "V2")).toBe("甲醇罐液位");
    expect(rename("液位", "", "V2")).toBe("液位");
  });
});

describe("the request", () => {
  it("says null for a limit that was left empty, keeps a zero, and has no blanks around a name", () => {
    const point = startPoint(choices, "level", "TK101", [], "液位");
    point.limits.LL = 0;
    const { name, points } = requestOf({
      id: "E001",
      name: " x ",
      district: "",
      city: "",
      installation_id: "H",
      installation_name: "",
      hazard_class: null,
      unit_id: "TK101",
      unit_name: "",
      unit_kind: "",
      points: [point],
    });
    expect(name).toBe("x");
    expect(points[0]?.limits).toEqual({ LL: 0, L: 1.5, H: 10, HH: null });
  });
});

describe("findings", () => {
  it("stand at their fields, those of the form itself too", () => {
    const found = findingsByField({
      findings: [{ field: "points.0.tag", place: "register.yaml:9", wrong: "twice", right: "another" }],
      errors: [{ where: "body.id", wrong: "too long" }],
    });
    expect(found.get("points.0.tag")?.[0]?.right).toBe("another");
    expect(found.get("id")?.[0]?.wrong).toBe("too long");
  });
});
