import { expect, it } from "vitest";
import { fold } from "./fold";

const TOLD = new Set(["told", "called_up"]);
const lines = (...kinds: string[]) => kinds.map((kind, at) => ({ kind, at }));

it("shows first and last of a long run, and says how many stand between", () => {
  const folded = fold(lines("raised", "told", "called_up", "told", "told", "acknowledged"), TOLD);
  expect(folded.map(({ entry, hidden }) => [entry.at, hidden])).toEqual([
    [0, 0],
    [1, 2],
    [4, 0],
    [5, 0],
  ]);
});
it("leaves short runs and other kinds as they are", () => {
  const short = lines("told", "told", "told", "raised", "raised", "raised", "raised");
  expect(fold(short, TOLD)).toHaveLength(7);
});
it("folds at the end too", () => {
  expect(fold(lines("told", "told", "told", "told", "told"), TOLD)).toHaveLength(2);
});
