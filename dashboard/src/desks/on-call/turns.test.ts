import { describe, expect, it } from "vitest";
import { standing, turnsOf } from "./turns";

const spans = [
  { start: 20, end: 30, receivers: ["li"] },
  { start: 0, end: 10, receivers: ["zhang", "li"] },
  { start: 10, end: 20, receivers: ["li"] },
  { start: 40, end: 50, receivers: ["li"] },
];

describe("turnsOf", () => {
  it("puts spans together that follow each other, whatever their order", () => {
    expect(turnsOf("r", spans, "li")).toEqual([
      { rota: "r", start: 0, end: 30 },
      { rota: "r", start: 40, end: 50 },
    ]);
  });
  it("is empty for somebody who is never on call", () => {
    expect(turnsOf("r", spans, "wang")).toEqual([]);
  });
});

describe("standing", () => {
  const turns = turnsOf("r", spans, "li");
  it("tells the turn of now and the next one", () => {
    expect(standing(turns, 15)).toEqual({ current: turns[0], next: turns[1] });
  });
  it("counts the end of a turn as no longer part of it", () => {
    expect(standing(turns, 30)).toEqual({ current: null, next: turns[1] });
  });
  it("names the turn that ends last when two rotas have the person at a time", () => {
    const other = { rota: "s", start: 5, end: 45 };
    expect(standing([...turns, other], 10).current).toEqual(other);
  });
});
