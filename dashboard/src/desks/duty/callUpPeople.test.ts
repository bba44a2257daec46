import { describe, expect, it } from "vitest";
import { isCalling, isUntaken, peopleOf, rowsOf, type Matter } from "./callUpPeople";
import type { CallUp } from "./callUps";

const call = (id: string, receiver: string, state: CallUp["state"], started_at: number): CallUp =>
  ({ id, receiver, state, started_at, taken_over_at: null }) as CallUp;
const matter = (priority: Matter["priority"], ...call_ups: CallUp[]): Matter =>
  ({ alarms: [], priority, began_at: 0, call_ups }) as Matter;

const BOARD = [
  matter("CRITICAL", call("1", "zhang", "not_woken", 50), call("2", "li", "answered", 50)),
  matter("HIGH", call("3", "zhang", "not_woken", 10), call("4", "wang", "calling", 10)),
  matter("HIGH", call("1", "zhang", "not_woken", 50)),
];

describe("peopleOf", () => {
  it("names each person once, with every call-up that waits for this person", () => {
    const [zhang, ...rest] = peopleOf(BOARD, isUntaken);
    expect(rest).toEqual([]);
    expect(zhang?.callUps.map((one) => one.id)).toEqual(["1", "3"]);
    expect([zhang?.matter.priority, zhang?.since]).toEqual(["CRITICAL", 10]);
  });

  it("leaves out whom somebody at the desk has taken over", () => {
    const taken = { ...call("1", "zhang", "not_woken", 50), taken_over_at: 60 };
    expect(peopleOf([matter("HIGH", taken)], isUntaken)).toEqual([]);
  });

  it("finds who is being called", () => {
    expect(peopleOf(BOARD, isCalling).map((one) => one.receiver)).toEqual(["wang"]);
  });
});

describe("rowsOf", () => {
  it("shows who was called again and again once, by the last call-up that nobody has seen to", () => {
    const rows = rowsOf(
      matter(
        "CRITICAL",
        call("1", "zhang", "not_woken", 10),
        call("2", "zhang", "not_woken", 20),
        call("3", "zhang", "calling", 30),
        call("4", "li", "answered", 10),
      ),
    );
    expect(rows.map((row) => [row.shown.id, row.times])).toEqual([
      ["2", 3],
      ["4", 1],
    ]);
  });
});
