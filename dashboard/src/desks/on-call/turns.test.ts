import { describe, expect, it } from "vitest";
import { givenUntil, standing, turnsOf } from "./turns";

const spans = [
  { start: 20, end: 30, receivers: ["li"] },
  { start: 0, end: 10, receivers: ["zhang", "li"] },
  { start: 10, end: 20, receivers: ["li"] },
  { start: 40, end: 50, receivers: ["li"] },
];

describe("turnsOf", () => {
  it("puts spans together that follow each other, whatever their order", () => {
    expect(turnsOf("r", spans, "li", 60)).toEqual([
      { rota: "r", start: 0, end: 30, lasting: false },
      { rota: "r", start: 40, end: 50, lasting: false },
    ]);
  });
  it("does not take the end of what was looked at for the end of a turn", () => {
    expect(turnsOf("r", spans, "li", 50).map((turn) => turn.lasting)).toEqual([false, true]);
  });
  it("is empty for somebody who is never on call", () => {
    expect(turnsOf("r", spans, "wang", 60)).toEqual([]);
  });
});

describe("standing", () => {
  const turns = turnsOf("r", spans, "li", 60);
  it("tells the turn of now and the next one", () => {
    expect(standing(turns, 15)).toEqual({ current: turns[0], next: turns[1] });
  });
  it("counts the end of a turn as no longer part of it", () => {
    expect(standing(turns, 30)).toEqual({ current: null, next: turns[1] });
  });
  it("names the turn that ends last when two rotas have the person at a time", () => {
    const other = { rota: "s", start: 5, end: 45, lasting: false };
    expect(standing([...turns, other], 10).current).toEqual(other);
  });
});

describe("givenUntil", () => {
  const turn = { rota: "r", start: 0, end: 366 * 86_400e9, lasting: false };
  it("is the end of the turn", () => {
    expect(givenUntil(turn, 20)).toBe(turn.end);
  });
  it("is two weeks of a turn without an end", () => {
    expect(givenUntil({ ...turn, lasting: true }, 20)).toBe(20 + 14 * 86_400e9);
  });
});
