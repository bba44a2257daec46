import { describe, expect, it } from "vitest";
import { inPlace, useKept } from "./inPlace";

interface Row {
  id: string;
  onset: number;
  answered: boolean;
}
const newestFirst = (a: Row, b: Row): number => Number(a.answered) - Number(b.answered) || b.onset - a.onset;
const row = (id: string, onset: number): Row => ({ id, onset, answered: false });
const ids = (rows: readonly Row[]): string[] => rows.map(({ id }) => id);
const [first, second, third] = [row("first", 3), row("second", 2), row("third", 1)];

describe("inPlace", () => {
  it("leaves a pressed row where it was, though it has left the list", () => {
    const { kept, keep } = useKept<Row>();
    keep(second);
    expect(ids(inPlace([first, third], kept.value, newestFirst))).toEqual(["first", "second", "third"]);
  });
  it("shows it once while it is still listed, and not where its answer would put it", () => {
    const { kept, keep } = useKept<Row>();
    keep(first);
    keep({ ...first, answered: true });
    const rows = inPlace([{ ...first, answered: true }, second], kept.value, newestFirst);
    expect(ids(rows)).toEqual(["first", "second"]);
  });
});
