import { describe, expect, it } from "vitest";
import { alarmSample } from "../sample";
import { follow, readUntil, rowsOf, settle, step } from "./steady";

describe("an order that somebody points at", () => {
  it("takes the wanted order when it is free", () => {
    expect(settle(["a", "b"], ["c", "a"], false)).toEqual({ order: ["c", "a"], fresh: [] });
  });
  it("keeps every row in its place while it is held, and tells what is new", () => {
    expect(settle(["a", "b", "c"], ["x", "b", "a"], true)).toEqual({ order: ["a", "b", "c"], fresh: ["x"] });
  });
  it("holds nothing back from an empty list", () => {
    expect(settle([], ["a"], true)).toEqual({ order: ["a"], fresh: [] });
  });
});

describe("a row whose alarm has left the tab", () => {
  const before = alarmSample();
  const after = alarmSample({
    state: "ACKED",
    acknowledged: { by: "li", time: 1_001e9, comment: "" },
    version: 2,
  });
  const drawn = new Map([["a", before]]);

  it("shows the alarm as it is now, and by whom it was acknowledged", () => {
    const [row] = rowsOf(["a"], new Map(), drawn, () => after);
    expect(row).toEqual({ id: "a", alarm: after, gone: true, known: true });
  });
  it("keeps the last that was seen, and says so, when nothing is known of it any more", () => {
    const [row] = rowsOf(["a"], new Map(), drawn, () => undefined);
    expect(row).toEqual({ id: "a", alarm: before, gone: true, known: false });
  });
  it("is not gone as long as the list has it", () => {
    const [row] = rowsOf(["a"], new Map([["a", after]]), drawn, () => undefined);
    expect(row).toMatchObject({ alarm: after, gone: false, known: true });
  });
});

describe("the focus when its row goes", () => {
  it("stays where it is as long as the row is there", () => {
    expect(follow(["a", "b"], ["b", "a"], "b")).toBe("b");
  });
  it("goes to the next row below that is left", () => {
    expect(follow(["a", "b", "c", "d"], ["a", "d"], "b")).toBe("d");
  });
  it("goes to the one above when nothing is left below", () => {
    expect(follow(["a", "b", "c"], ["a", "b"], "c")).toBe("b");
  });
  it("is nowhere in an empty list", () => {
    expect(follow(["a"], [], "a")).toBeNull();
  });
});

describe("a step by key", () => {
  it("begins at the first or the last row", () => {
    expect(step(["a", "b"], null, 1)).toBe("a");
    expect(step(["a", "b"], null, -1)).toBe("b");
  });
  it("stops at the ends", () => {
    expect(step(["a", "b", "c"], "b", 10)).toBe("c");
    expect(step(["a", "b", "c"], "b", -10)).toBe("a");
  });
});

describe("how long a list is held in which a row has gone", () => {
  it("is long enough to read what became of it", () => {
    expect(readUntil(6000, 0, 5900)).toBe(9900);
    expect(readUntil(6000, 0, 1000)).toBe(6000);
  });
  it("ends when nobody has moved for long, however many rows go", () => {
    expect(readUntil(14_000, 0, 13_900)).toBe(15_000);
  });
});
