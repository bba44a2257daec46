// @vitest-environment jsdom
import { describe, expect, it } from "vitest";
import { instantOf, inputOf, mondayOf } from "./localDays";
import { daysOf, isHole, tintOf, type Span } from "./schedule";

const ZONE = "Asia/Shanghai";
const span = (start: string, end: string, source = "layer"): Span =>
  ({
    start: instantOf(ZONE, start) * 1e6,
    end: instantOf(ZONE, end) * 1e6,
    receivers: ["li"],
    source,
    via: "",
  }) as Span;

describe("a schedule in days", () => {
  it("cuts a night shift at midnight of the rota's zone", () => {
    const [monday, tuesday] = daysOf([span("2026-11-23T20:00", "2026-11-24T08:00")], ZONE, "2026-11-23", 2);
    expect(monday?.pieces).toMatchObject([{ from: 20 / 24, to: 1, begins: true, ends: false }]);
    expect(tuesday?.pieces).toMatchObject([{ from: 0, to: 8 / 24, begins: false, ends: true }]);
  });
  it("leaves out what lies elsewhere", () => {
    const days = daysOf([span("2026-11-20T00:00", "2026-11-23T00:00")], ZONE, "2026-11-23", 7);
    expect(days.flatMap((day) => day.pieces)).toEqual([]);
  });
  it("knows a day of 23 hours", () => {
    const [day] = daysOf([], "Europe/Berlin", "2026-03-29", 1);
    expect(((day?.end ?? 0) - (day?.start ?? 0)) / 3600e3).toBe(23);
  });
  it("tells a hole from a turn", () => {
    expect(isHole(span("2026-11-23", "2026-11-24", "fallback"))).toBe(true);
    expect(isHole(span("2026-11-23", "2026-11-24"))).toBe(false);
  });
  it("gives a person the same tint each time", () => {
    const one = span("2026-11-23", "2026-11-24");
    expect(tintOf(one, 4)).toBe(tintOf({ ...one, start: 0 }, 4));
  });
});

describe("a local time", () => {
  it("comes back as it was typed", () => {
    expect(inputOf(ZONE, instantOf(ZONE, "2026-11-23T07:30"))).toBe("2026-11-23T07:30");
  });
  it("that is none is no instant", () => {
    expect(instantOf(ZONE, "")).toBeNaN();
  });
  it("belongs to a week that begins on Monday", () => {
    expect(mondayOf("2026-11-29")).toBe("2026-11-23");
    expect(mondayOf("2026-11-23")).toBe("2026-11-23");
  });
});
