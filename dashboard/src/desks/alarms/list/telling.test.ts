import { expect, it } from "vitest";
import { firstTold, mayBeToldAgain } from "./telling";

it("finds the first telling, and not the last that the list has", () => {
  const journal = [
    { annunciates: true, time: 10 },
    { annunciates: false, time: 20 },
    { annunciates: true, time: 30 },
  ];
  expect(firstTold(journal)).toBe(10);
});
it("takes the end of hiding as the first telling of an alarm that was born hidden", () => {
  expect(
    firstTold([
      { annunciates: false, time: 10 },
      { annunciates: true, time: 20 },
    ]),
  ).toBe(20);
  expect(firstTold([{ annunciates: false, time: 10 }])).toBeNull();
});
it("asks the journal only where people were told after the alarm was stored", () => {
  expect(mayBeToldAgain({ annunciated_time: 5, raised_time: 5 })).toBe(false);
  expect(mayBeToldAgain({ annunciated_time: 6, raised_time: 5 })).toBe(true);
});
