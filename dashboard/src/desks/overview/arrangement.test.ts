import { describe, expect, test } from "vitest";
import { arrange, degreesFrom, heightScale, spread, windPoints } from "./arrangement";
import type { Point } from "./register";

const NO_LIMITS = { LL: null, L: null, H: null, HH: null };
const POSITION = { longitude: 117, latitude: 38, x_m: 0, y_m: 0, derived: false };

function point(tag: string, quantity: string, more: Partial<Point> = {}): Point {
  return {
    id: `E001/${tag}`,
    tag,
    name: tag,
    enterprise: "E001",
    installation: "H01",
    unit: "U",
    unit_name: "U",
    quantity,
    engineering_unit: "m",
    range_low: 0,
    range_high: 12,
    period_s: 1,
    limits: NO_LIMITS,
    in_use: true,
    cas: "",
    device: "",
    position: null,
    state: "good",
    value: null,
    quality: "good",
    source_time: null,
    age_s: null,
    ...more,
  };
}

describe("what a unit is drawn as", () => {
  const level = point("LT01", "level");
  const pressure = point("PT01", "pressure");
  const gas = point("GD01", "combustible_gas", { position: POSITION });

  test("a tank by its level, a vessel by its pressure, filled when its level is known", () => {
    expect(arrange("storage_tank", [pressure, level])).toMatchObject({
      picture: "tank",
      main: level,
      rows: [pressure],
    });
    expect(arrange("pressure_vessel", [level, pressure])).toMatchObject({
      picture: "vessel",
      main: pressure,
      fill: level,
    });
  });
  test("a kind that the page does not know by what it measures", () => {
    expect(arrange("", [gas]).picture).toBe("plan");
    expect(arrange("reactor", [pressure]).picture).toBe("vessel");
    expect(arrange("", [point("FT01", "flow")]).picture).toBe("list");
  });
  test("a gas area without coordinates is a list, no invented plan", () => {
    expect(arrange("gas_area", [point("GD01", "toxic_gas")])).toMatchObject({
      picture: "list",
      detectors: [],
    });
  });
  test("a gauge in use before one that is not", () => {
    const unused = point("LT00", "level", { in_use: false });
    expect(arrange("storage_tank", [unused, level]).main).toBe(level);
  });
});

describe("the height of a tank", () => {
  test("is its shell in metres, else the range of its gauge", () => {
    const level = point("LT01", "level", { limits: { ...NO_LIMITS, HH: 11 } });
    expect(heightScale(level, 12.6)).toEqual({ low: 0, high: 12.6 });
    expect(heightScale(level, null)).toEqual({ low: 0, high: 12 });
    expect(heightScale(level, 5)).toEqual({ low: 0, high: 12 });
    expect(heightScale({ ...level, engineering_unit: "%", range_high: 100 }, 12.6).high).toBe(100);
  });
  test("labels keep their distance and their order within the picture", () => {
    const placed = spread([137, 130, 29, 25], 11, 10, 140);
    const sorted = [...placed].sort((a, b) => a - b);
    sorted.slice(1).forEach((at, i) => expect(at - (sorted[i] ?? 0)).toBeGreaterThanOrEqual(11 - 1e-9));
    expect(placed[0]).toBeGreaterThan(placed[1] ?? 0);
    expect(Math.max(...placed)).toBeLessThanOrEqual(140);
  });
});

describe("wind", () => {
  test("is found by its units", () => {
    const speed = point("WS01", "other", { engineering_unit: "m/s" });
    const direction = point("WD01", "other", { engineering_unit: "rad" });
    expect(windPoints([point("LT01", "level"), direction, speed])).toEqual({ speed, direction });
  });
  test("radians and turns become degrees from north", () => {
    expect(degreesFrom(Math.PI, "rad")).toBeCloseTo(180);
    expect(degreesFrom(-90, "deg")).toBe(270);
  });
});
