// @vitest-environment jsdom
import { describe, expect, it } from "vitest";
import { alarmSample } from "../sample";
import { grouped, rateCurve } from "./flood";

describe("a flood", () => {
  const alarms = [
    alarmSample({ id: "h", name: "液位高报" }),
    alarmSample({ id: "p", name: "压力高报", priority: "LOW" }),
    alarmSample({
      id: "h2",
      name: "液位高报",
      onset: 900e9,
      acknowledged: { by: "李娜", time: 1, comment: "" },
    }),
    alarmSample({ id: "gas", unit: "GA1", priority: "CRITICAL", second_level_gas: true }),
    alarmSample({ id: "gas1", unit: "GA1", priority: "CRITICAL" }),
    alarmSample({ id: "aside", state: "SHLVD" }),
    alarmSample({ id: "trend", alarm_class: "advisory" }),
  ];
  it("shows second-level gas by itself and in no group", () => {
    const found = grouped(alarms);
    expect(found.second.map((a) => a.id)).toEqual(["gas"]);
    const inGroups = found.units.flatMap((u) => u.causes.flatMap((c) => c.alarms.map((a) => a.id)));
    expect(inGroups).toEqual(["gas1", "h", "h2", "p"]);
  });
  it("groups by unit, the most urgent unit first, and by cause within it", () => {
    const [gas, tank] = grouped(alarms).units;
    expect(gas?.key).toBe("E001/H01/GA1");
    expect(tank?.causes.map((c) => [c.cause.name, c.alarms.length])).toEqual([
      ["液位高报", 2],
      ["压力高报", 1],
    ]);
    expect(tank?.unanswered).toBe(2);
  });
});

describe("the rate of annunciations", () => {
  it("counts the ten minutes before each instant, the older bound left out", () => {
    const minute = 60e9;
    const curve = rateCurve([0, 5 * minute, 10 * minute], 0, 20 * minute, 5 * minute);
    expect(curve.counts).toEqual([1, 2, 2, 1, 0]);
    expect(curve.times).toEqual([0, 300, 600, 900, 1200]);
  });
});
