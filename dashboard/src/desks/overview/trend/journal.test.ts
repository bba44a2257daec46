import { describe, expect, test } from "vitest";
import { spansOf } from "./journal";

const S = 1e9;
const entry = (kind: "raised" | "raised_again" | "returned_to_normal" | "told", s: number) => ({
  kind,
  time: (s + 100) * S,
  source_time: s * S,
});
const BARE = { onset: 10 * S, returned_time: 30 * S, acknowledged: null };

describe("when a condition was true", () => {
  test("the journal knows each time that it came back", () => {
    const history = [
      entry("raised", 10),
      entry("told", 11),
      entry("returned_to_normal", 20),
      entry("raised_again", 25),
    ];
    expect(spansOf({ ...BARE, history })).toEqual([
      { from: 10, to: 20, answered: null },
      { from: 25, to: null, answered: null },
    ]);
  });
  test("without a journal it is what the alarm says", () => {
    expect(spansOf(BARE)).toEqual([{ from: 10, to: 30, answered: null }]);
    expect(spansOf({ ...BARE, returned_time: null })[0]?.to).toBeNull();
  });
  test("an answer is told with it", () => {
    const acknowledged = { by: "a", time: 15 * S, comment: "" };
    expect(spansOf({ ...BARE, acknowledged })[0]?.answered).toBe(15);
  });
});
