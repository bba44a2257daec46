import { describe, expect, it } from "vitest";
import { enterprisesNear, footprints, graticule, gridStep, readable } from "./ground";
import { metresPerPixel, project, type View } from "./mercator";

const VIEW: View = { longitude: 117.7, latitude: 39, zoom: 10, width: 800, height: 600 };

describe("the graticule", () => {
  it("has lines that stand comfortably apart at every zoom", () => {
    for (const zoom of [4, 8.5, 10, 13.2, 16]) {
      const view = { ...VIEW, zoom };
      const meridians = graticule(view).filter((line) => line.along === "meridian");
      const [first, second] = meridians.map((line) => project(view, line.from).x);
      expect(meridians.length).toBeLessThan(9);
      if (first !== undefined && second !== undefined) expect(second - first).toBeGreaterThanOrEqual(110);
    }
  });

  it("says degrees with as many decimals as its step", () => {
    expect(gridStep(VIEW)).toBe(0.1);
    const labels = graticule(VIEW).map((line) => line.label);
    expect(labels).toContain("117.6° E");
    expect(labels).toContain("39.0° N");
  });
});

describe("footprints", () => {
  it("are circles of the true diameter", () => {
    const position = { longitude: 117.7, latitude: 39, x_m: 0, y_m: 0, derived: false };
    const unit = { position, diameter_m: 40 };
    const [ring] = footprints([
      { installations: [{ units: [unit, { ...unit, diameter_m: null }] }] },
    ] as never);
    const near = { ...VIEW, zoom: 18 };
    const xs = (ring ?? []).map((spot) => project(near, spot).x);
    const wide = (Math.max(...xs) - Math.min(...xs)) * metresPerPixel(near);
    expect(wide).toBeCloseTo(40, 0);
  });
});

describe("enterprises that are near", () => {
  const at = (enterprise: string, longitude: number) => ({ enterprise, spot: { longitude, latitude: 39 } });
  const places = [at("E002", 117.7), at("E001", 117.7001), at("E002", 117.7002), at("E003", 118)] as never;

  it("are those on the screen, once each, and nobody from far away", () => {
    expect(enterprisesNear(places, { ...VIEW, zoom: 15 })).toEqual(["E001", "E002"]);
    expect(enterprisesNear(places, VIEW)).toEqual([]);
  });
});

describe("names of districts", () => {
  it("give way to the larger one where they would lie on each other", () => {
    const labels = [
      { name: "小", count: 1, longitude: 117.7, latitude: 39 },
      { name: "大", count: 9, longitude: 117.705, latitude: 39.001 },
      { name: "远", count: 2, longitude: 118.3, latitude: 39 },
    ];
    expect(readable(labels, VIEW).map((label) => label.name)).toEqual(["大", "远"]);
    expect(readable(labels, { ...VIEW, zoom: 17 })).toHaveLength(3);
  });
});
