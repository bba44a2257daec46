// @vitest-environment jsdom
import { beforeAll, describe, expect, test, vi } from "vitest";
import type { Alarm } from "@/live/link";

let order: typeof import("./order");
beforeAll(async () => {
  vi.stubGlobal("matchMedia", () => ({ matches: false, addEventListener: () => undefined }));
  order = await import("./order");
});

const alarm = (unit: string, priority: Alarm["priority"], onset = 0) =>
  ({
    enterprise: "E001",
    installation: "H01",
    unit,
    priority,
    onset,
    active: true,
    state: "UNACK",
    acknowledged: null,
  }) as Alarm;
const UNITS = ["A", "B", "C", "D"].map((unit) => ({ key: `E001/H01/${unit}` }));

describe("units", () => {
  test("stand by urgency, those without alarms behind in their own order", () => {
    const alarms = order.alarmsByUnit([alarm("C", "LOW"), alarm("D", "CRITICAL"), alarm("", "HIGH")]);
    const keys = order
      .arrangeUnits(UNITS, alarms, { onlyAlarms: false, byUrgency: true })
      .map((u) => u.key.slice(-1));
    expect(keys).toEqual(["D", "C", "A", "B"]);
  });
  test("without an alarm are left out when only alarms are wanted", () => {
    const alarms = order.alarmsByUnit([alarm("C", "LOW")]);
    expect(order.arrangeUnits(UNITS, alarms, { onlyAlarms: true, byUrgency: false })).toEqual([UNITS[2]]);
  });
});

describe("arrows", () => {
  // Three in the first line, two in the second.
  const boxes = [0, 100, 200]
    .map((left) => ({ left, top: 0 }))
    .concat([0, 100].map((left) => ({ left, top: 50 })));
  test("lead to the card beside, above and below", () => {
    expect(order.neighbour(boxes, 1, "ArrowRight")).toBe(2);
    expect(order.neighbour(boxes, 1, "ArrowDown")).toBe(4);
    expect(order.neighbour(boxes, 2, "ArrowDown")).toBe(4);
    expect(order.neighbour(boxes, 3, "ArrowUp")).toBe(0);
  });
  test("stay at the edges", () => {
    expect(order.neighbour(boxes, 0, "ArrowUp")).toBe(0);
    expect(order.neighbour(boxes, 4, "ArrowDown")).toBe(4);
    expect(order.neighbour(boxes, 4, "ArrowRight")).toBe(4);
    expect(order.neighbour(boxes, 1, "End")).toBe(4);
  });
});
