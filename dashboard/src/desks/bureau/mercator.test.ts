import { describe, expect, it } from "vitest";
import {
  boundsOf,
  fitted,
  fromWorld,
  metresPerPixel,
  moved,
  project,
  scaleBar,
  toWorld,
  unproject,
  zoomed,
  type View,
} from "./mercator";

const TIANJIN: View = { longitude: 117.7, latitude: 39.0, zoom: 10, width: 800, height: 600 };

describe("the projection", () => {
  it("puts the corners of the square where tiles have them", () => {
    expect(toWorld({ longitude: -180, latitude: 85.0511287798 })).toEqual({
      x: 0,
      y: expect.closeTo(0, 6) as number,
    });
    expect(toWorld({ longitude: 0, latitude: 0 })).toEqual({ x: 0.5, y: expect.closeTo(0.5, 12) as number });
  });

  it("comes back from the screen to the same place", () => {
    const there = { longitude: 117.123, latitude: 38.87 };
    const back = unproject(TIANJIN, project(TIANJIN, there));
    expect(back.longitude).toBeCloseTo(there.longitude, 9);
    expect(back.latitude).toBeCloseTo(there.latitude, 9);
  });

  it("has its middle in the middle of the screen, and north above", () => {
    expect(project(TIANJIN, TIANJIN)).toEqual({ x: 400, y: 300 });
    expect(project(TIANJIN, { longitude: 117.7, latitude: 39.1 }).y).toBeLessThan(300);
  });

  it("covers half as much ground at the next zoom, and less towards the pole", () => {
    expect(metresPerPixel({ latitude: 0, zoom: 0 })).toBeCloseTo(78271.5, 0);
    expect(metresPerPixel({ latitude: 0, zoom: 1 })).toBeCloseTo(39135.8, 0);
    expect(metresPerPixel({ latitude: 60, zoom: 1 })).toBeCloseTo(19567.9, 0);
  });
});

describe("moving the view", () => {
  it("shows what stood to the right", () => {
    const before = unproject(TIANJIN, { x: 500, y: 260 });
    const after = moved(TIANJIN, 100, -40);
    expect(after.longitude).toBeCloseTo(before.longitude, 9);
    expect(after.latitude).toBeCloseTo(before.latitude, 9);
  });

  it("keeps what is under the pointer when it goes nearer", () => {
    const pointer = { x: 120, y: 500 };
    const before = unproject(TIANJIN, pointer);
    const near = zoomed(TIANJIN, 2.5, pointer);
    expect(near.zoom).toBe(12.5);
    expect(unproject(near, pointer).longitude).toBeCloseTo(before.longitude, 9);
    expect(unproject(near, pointer).latitude).toBeCloseTo(before.latitude, 9);
  });

  it("stops at the nearest and the furthest zoom", () => {
    expect(zoomed(TIANJIN, 99, { x: 0, y: 0 }).zoom).toBe(19);
    expect(zoomed(TIANJIN, -99, { x: 0, y: 0 }).zoom).toBe(2);
  });
});

describe("fitting", () => {
  it("shows every place inside the margin", () => {
    const spots = [fromWorld({ x: 0.82, y: 0.38 }), fromWorld({ x: 0.83, y: 0.39 }), TIANJIN];
    const view = fitted(spots, { width: 500, height: 300 }, 40);
    for (const spot of spots) {
      const pixel = project(view as View, spot);
      expect(pixel.x).toBeGreaterThanOrEqual(40 - 1e-6);
      expect(pixel.x).toBeLessThanOrEqual(460 + 1e-6);
      expect(pixel.y).toBeGreaterThanOrEqual(40 - 1e-6);
      expect(pixel.y).toBeLessThanOrEqual(260 + 1e-6);
    }
  });

  it("does not stand on top of a single place, and has nothing to show without one", () => {
    expect(fitted([TIANJIN], { width: 500, height: 300 })?.zoom).toBe(14);
    expect(fitted([], { width: 500, height: 300 })).toBeNull();
  });

  it("tells the corners that are seen", () => {
    const seen = boundsOf(TIANJIN);
    expect(seen.west).toBeLessThan(seen.east);
    expect(seen.south).toBeLessThan(seen.north);
  });
});

describe("the scale bar", () => {
  it("is a round length that fits", () => {
    for (const zoom of [3, 8.3, 12.7, 17]) {
      const { metres, pixels } = scaleBar({ ...TIANJIN, zoom });
      expect([1, 2, 5]).toContain(Number(String(metres)[0]));
      expect(pixels).toBeLessThanOrEqual(120);
      expect(pixels).toBeGreaterThan(45);
      expect(pixels * metresPerPixel({ ...TIANJIN, zoom })).toBeCloseTo(metres, 6);
    }
  });
});
