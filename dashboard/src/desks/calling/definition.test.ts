import { describe, expect, it } from "vitest";
import { layerOf, strangers, turnsOf, typedLayer, type Layer } from "./definition";

const LAYER = {
  name: "夜班",
  rotation: "daily",
  every: 1,
  unit: null,
  start_date: "2026-11-01",
  handover: "20:00",
  turns: [["li", "wang"], [], ["chen"]],
  restrictions: [{ weekdays: ["mon", "tue"], start: "20:00", end: "08:00" }],
} as Layer;

describe("the definition of a rota", () => {
  it("comes back as it was", () => {
    expect(layerOf(typedLayer(LAYER))).toEqual(LAYER);
  });
  it("has a turn a line, and knows a turn of nobody", () => {
    expect(turnsOf("li，wang\n\nchen\n")).toEqual([["li", "wang"], [], ["chen"]]);
  });
  it("has a unit only for a rotation of its own length", () => {
    const typed = { ...typedLayer(LAYER), rotation: "custom" as const, every: 12, unit: "hour" as const };
    expect(layerOf(typed)).toMatchObject({ rotation: "custom", every: 12, unit: "hour" });
  });
  it("names whom nobody knows", () => {
    expect(strangers([typedLayer(LAYER)], new Set(["li", "wang"]))).toEqual(["chen"]);
  });
});
