import { describe, expect, it } from "vitest";
import type { Choices } from "./draft";
import { findingsByField, freeTag, requestOf, retag, startPoint } from "./draft";

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
    const point = startPoint(choices, "level", "TK101", []);
    expect(point).toMatchObject({ tag: "TK101.LT01", range_high: 12, period_s: 10 });
    expect(point.limits).toEqual({ LL: "", L: 1.5, H: 10, HH: "" });
  });
  it("takes the next free tag of its kind", () => {
    expect(startPoint(choices, "level", "TK101", ["TK101.LT01", "TK101.LT02"]).tag).toBe("TK101.LT03");
    expect(freeTag("GD", ["GD"])).toBe("GD02");
  });
  it("follows its unit's new name, but not where the tag was typed", () => {
    expect(retag("TK101.LT01", "TK101", "V2")).toBe("V2.LT01");
    expect(retag("LIA-3", "TK101", "V2")).toBe("LIA-3");
  });
});

describe("the request", () => {
  it("says null for a limit that was left empty, and keeps a zero", () => {
    const point = startPoint(choices, "level", "TK101", []);
    point.limits.LL = 0;
    const { points } = requestOf({
      id: "E001",
      name: "x",
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
