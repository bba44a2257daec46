import { describe, expect, it } from "vitest";
import { clustered, readableNames, shown } from "./clusters";
import type { LevelName } from "./level";
import type { View } from "./mercator";
import type { Place } from "./places";

function place(id: string, longitude: number, latitude: number, level: LevelName = "none"): Place {
  return {
    id,
    enterprise: id,
    installation: "H01",
    enterpriseName: id,
    name: id,
    district: "",
    city: "",
    hazardClass: null,
    level,
    since: 0,
    byHand: false,
    alarms: 0,
    spot: { longitude, latitude },
    points: 0,
    silent: 0,
    bad: 0,
    cutOff: false,
    overdue: [],
  };
}
const CLOSE = [place("a", 117.7, 39), place("b", 117.7001, 39.0001, "red"), place("c", 117.7002, 39, "blue")];
const FAR = place("far", 118.9, 39.6, "yellow");

describe("clusters", () => {
  it("take together what would lie on each other, with the most urgent level", () => {
    const markers = clustered([...CLOSE, FAR], 9);
    expect(markers.map((m) => [m.id, m.level, m.places.length])).toEqual([
      ["far", "yellow", 1],
      ["b", "red", 3],
    ]);
  });

  it("say how many inside are cut off, and lie over what is in order", () => {
    const silent = { ...place("s", 118.9, 39.6), cutOff: true };
    const markers = clustered([...CLOSE, silent, place("calm", 116, 38)], 9);
    expect(markers.map((m) => [m.id, m.cutOff])).toEqual([
      ["calm", 0],
      ["s", 1],
      ["b", 0],
    ]);
  });

  it("lose nobody, whatever the zoom", () => {
    for (const zoom of [2, 7.4, 12, 16.9, 19]) {
      const ids = clustered([...CLOSE, FAR], zoom).flatMap((m) => m.places.map((p) => p.id));
      expect(ids.sort()).toEqual(["a", "b", "c", "far"]);
    }
  });

  it("stand apart from near, even at one spot", () => {
    const same = [place("a", 117.7, 39), place("b", 117.7, 39)];
    expect(clustered(same, 17)).toHaveLength(2);
    expect(clustered(same, 16)).toHaveLength(1);
  });

  it("change with whole steps of the zoom only", () => {
    expect(clustered([...CLOSE, FAR], 9)).toEqual(clustered([...CLOSE, FAR], 9.9));
  });

  it("leave out who has no coordinates", () => {
    expect(clustered([{ ...FAR, spot: null }], 9)).toEqual([]);
  });
});

describe("what is seen", () => {
  const view: View = { longitude: 117.7, latitude: 39, zoom: 12, width: 400, height: 300 };

  it("is what lies on the screen or just beside it", () => {
    const seen = shown(clustered([...CLOSE, FAR], 12), view);
    expect(seen.flatMap(({ marker }) => marker.places.map((p) => p.id))).not.toContain("far");
    expect(seen[0]?.at.x).toBeGreaterThan(0);
  });

  it("names the most urgent one where two names would lie on each other", () => {
    const markers = clustered([place("绿", 117.7, 39), place("红", 117.704, 39, "red")], 17);
    const near = { ...view, zoom: 13 };
    const names = readableNames(shown(markers, near));
    expect([...names]).toEqual([
      ["红", "right"],
      ["绿", "left"],
    ]);
  });

  it("names who has a level even where the name covers a calmer pin, and never one as urgent", () => {
    const beside = [place("左", 117.698, 39), place("红", 117.7, 39, "red"), place("右", 117.702, 39)];
    const near = { ...view, zoom: 14 };
    expect(readableNames(shown(clustered(beside, 17), near)).has("红")).toBe(true);
    const asUrgent = beside.map((one) => ({ ...one, level: "red" as const }));
    expect(readableNames(shown(clustered(asUrgent, 17), near)).has("红")).toBe(false);
  });

  it("puts a name to the side on which the map does not cut it", () => {
    const markers = clustered([place("甲醇储罐区重大危险源", 117.7, 39, "blue")], 17);
    const atRight = { ...view, longitude: 117.7 - 0.04 };
    const seen = shown(markers, atRight);
    expect([...readableNames(seen, atRight.width).values()]).toEqual(["left"]);
    expect([...readableNames(shown(markers, view), view.width).values()]).toEqual(["right"]);
  });

  it("names both when there is room", () => {
    const markers = clustered([place("绿", 117.67, 39), place("红", 117.72, 39.01, "red")], 17);
    expect(readableNames(shown(markers, view)).size).toBe(2);
  });
});
