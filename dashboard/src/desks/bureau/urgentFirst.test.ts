import { describe, expect, it } from "vitest";
import type { LevelName } from "./level";
import { ordersFirst, warningsFirst } from "./urgentFirst";

const warning = (id: string, level: LevelName, due_at: number | null, begun_at = 0) => ({
  id,
  level,
  due_at,
  begun_at,
});

describe("warningsFirst", () => {
  it("shows the red one before a yellow one that is due sooner, and the late one of a level first", () => {
    const shown = warningsFirst([
      warning("yellow", "yellow", 1),
      warning("red later", "red", 20),
      warning("waits for nothing", "red", null),
      warning("red late", "red", 10),
    ]);
    expect(shown.map((one) => one.id)).toEqual(["red late", "red later", "waits for nothing", "yellow"]);
  });
  it("shows the newest first where nothing is owed", () => {
    const shown = warningsFirst([warning("old", "blue", null, 1), warning("new", "blue", null, 2)]);
    expect(shown.map((one) => one.id)).toEqual(["new", "old"]);
  });
});

describe("ordersFirst", () => {
  it("shows what is overdue before what is due later", () => {
    const order = (deadline: number) => ({ deadline, created_at: 0 });
    expect(ordersFirst([order(30), order(10), order(20)]).map((one) => one.deadline)).toEqual([10, 20, 30]);
  });
});
