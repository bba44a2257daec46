import { describe, expect, it } from "vitest";
import { beginning, elapsed, pass, pause, step, type Cycle, type Slides } from "./cycle";

const SLIDES: Slides = { count: 3, everyMs: 10_000, alarms: 1, urgent: false };
const URGENT: Slides = { ...SLIDES, urgent: true };

/** The slides that are shown at these seconds, looked at once a second. */
function course(cycle: Cycle, slides: Slides, seconds: number): number[] {
  const seen: number[] = [];
  for (let second = 1; second <= seconds; second += 1) {
    cycle = pass(cycle, slides, second * 1000);
    if (second % 10 === 0) seen.push(cycle.index);
  }
  return seen;
}

describe("a wall that cycles", () => {
  it("shows each slide for its time, and begins anew after the last", () => {
    expect(course(beginning(0), SLIDES, 60)).toEqual([1, 2, 0, 1, 2, 0]);
  });

  it("makes one step, not many, after the machine was asleep", () => {
    expect(pass(beginning(0), SLIDES, 3_600_000)).toMatchObject({ index: 1, since: 3_600_000 });
  });

  it("stays where it is while paused, and gives the whole time again", () => {
    const paused = pause(beginning(0), 9_000);
    expect(pass(paused, SLIDES, 100_000).index).toBe(0);
    const again = pause(paused, 100_000);
    expect(pass(again, SLIDES, 109_000).index).toBe(0);
    expect(pass(again, SLIDES, 110_000).index).toBe(1);
  });

  it("steps by hand around both ends", () => {
    expect(step(beginning(0), -1, 3, 5).index).toBe(2);
    expect(step({ ...beginning(0), index: 2 }, 1, 3, 5)).toMatchObject({ index: 0, since: 5, byHand: true });
  });

  it("begins anew when the slide it stood on is gone", () => {
    expect(pass({ ...beginning(0), index: 5 }, SLIDES, 1_000).index).toBe(0);
  });

  it("has nothing to do without slides", () => {
    const cycle = beginning(0);
    expect(pass(cycle, { ...SLIDES, count: 0 }, 99_000)).toBe(cycle);
    expect(step(cycle, 1, 0, 5)).toBe(cycle);
  });
});

describe("a wall with something urgent", () => {
  it("shows the alarms at once and stays there until somebody has answered", () => {
    let cycle = pass(beginning(0), URGENT, 500);
    expect(cycle.index).toBe(1);
    cycle = pass(cycle, URGENT, 3_600_000);
    expect(cycle.index).toBe(1);
    // Answered: the alarms stand for one more turn, then it goes on.
    expect(pass(cycle, SLIDES, 3_609_999).index).toBe(1);
    expect(pass(cycle, SLIDES, 3_610_000).index).toBe(2);
  });

  it("breaks through a pause", () => {
    expect(pass(pause(beginning(0), 100), URGENT, 200)).toMatchObject({ index: 1, paused: true });
  });

  it("lets somebody look at another slide for its time, no longer", () => {
    const looked = step(pass(beginning(0), URGENT, 500), 1, 3, 20_000);
    expect(pass(looked, URGENT, 29_000).index).toBe(2);
    expect(pass(looked, URGENT, 30_000).index).toBe(1);
  });

  it("shows no progress towards a next slide", () => {
    expect(elapsed(beginning(0), SLIDES, 2_500)).toBe(0.25);
    expect(elapsed(beginning(0), URGENT, 2_500)).toBe(0);
    expect(elapsed(pause(beginning(0), 0), SLIDES, 2_500)).toBe(0);
  });
});
