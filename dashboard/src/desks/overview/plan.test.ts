import { describe, expect, test } from "vitest";
import { compassName, labelSides, planOf, roundLength } from "./plan";

const FRAME = { width: 300, height: 200, margin: 30 };

describe("plan", () => {
  test("north is up, east is right, and both axes have one scale", () => {
    const plan = planOf(
      [
        { x: -10, y: -10 },
        { x: 10, y: 10 },
      ],
      FRAME,
    );
    const [southWest, northEast] = [plan.at({ x: -10, y: -10 }), plan.at({ x: 10, y: 10 })];
    expect(plan.scale).toBeCloseTo(7);
    expect(northEast.x - southWest.x).toBeCloseTo(140);
    expect(southWest.y - northEast.y).toBeCloseTo(140);
  });
  test("everything lies within the frame less its margin", () => {
    const places = [
      { x: 0, y: 0 },
      { x: 400, y: 10 },
      { x: 200, y: 90 },
    ];
    const plan = planOf(places, FRAME);
    for (const { x, y } of places.map(plan.at)) {
      expect(x).toBeGreaterThanOrEqual(30 - 1e-9);
      expect(x).toBeLessThanOrEqual(270 + 1e-9);
      expect(y).toBeGreaterThanOrEqual(30 - 1e-9);
      expect(y).toBeLessThanOrEqual(170 + 1e-9);
    }
  });
  test("one place, or none, stands in the middle", () => {
    expect(planOf([{ x: 5, y: 7 }], FRAME).at({ x: 5, y: 7 })).toEqual({ x: 150, y: 100 });
    expect(planOf([], FRAME).at({ x: 0, y: 0 })).toEqual({ x: 150, y: 100 });
  });
  test("the scale bar is as long as it says", () => {
    const plan = planOf(
      [
        { x: 0, y: 0 },
        { x: 130, y: 0 },
      ],
      FRAME,
    );
    expect(plan.bar.length / plan.scale).toBeCloseTo(plan.bar.metres);
    expect([1, 2, 5]).toContain(Number(String(plan.bar.metres)[0]));
  });
  test("lengths are round", () => {
    expect([0.9, 1, 4.9, 7, 19, 20, 130].map(roundLength)).toEqual([0.5, 1, 2, 5, 10, 20, 100]);
  });
});

describe("labels", () => {
  test("stand below when there is room, above when a mark is below, else nowhere", () => {
    const room = { x: 40, y: 16 };
    expect(
      labelSides(
        [
          { x: 0, y: 0 },
          { x: 100, y: 0 },
        ],
        room,
      ),
    ).toEqual(["below", "below"]);
    expect(
      labelSides(
        [
          { x: 0, y: 0 },
          { x: 0, y: 16 },
        ],
        room,
      )[0],
    ).toBe("above");
    const crowd = Array.from({ length: 12 }, (_, i) => ({ x: 0, y: i * 4 }));
    expect(labelSides(crowd, room)).toContain("none");
  });
});

test("compass points go round", () => {
  expect([0, 11, 12, 180, 240, 349, 359, -90].map(compassName)).toEqual([
    "N",
    "N",
    "NNE",
    "S",
    "WSW",
    "N",
    "N",
    "W",
  ]);
});
