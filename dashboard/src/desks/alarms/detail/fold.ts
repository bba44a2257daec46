// A long journal is mostly people being told again and again: runs of that are folded, nothing is left out.

export interface Fold<E> {
  /** Shown entries, and how many are folded away after each. */
  entry: E;
  hidden: number;
}

const SHOWN = 2;

/** Of each run of more than three entries of these kinds the first and the last are shown. */
export function fold<E extends { kind: string }>(
  entries: readonly E[],
  kinds: ReadonlySet<string>,
): Fold<E>[] {
  const folded: Fold<E>[] = [];
  let run: E[] = [];
  const settle = (): void => {
    const [first] = run;
    const last = run.at(-1);
    if (run.length <= SHOWN + 1) folded.push(...run.map((entry) => ({ entry, hidden: 0 })));
    else if (first && last)
      folded.push({ entry: first, hidden: run.length - SHOWN }, { entry: last, hidden: 0 });
    run = [];
  };
  for (const entry of entries) {
    if (kinds.has(entry.kind)) {
      run.push(entry);
      continue;
    }
    settle();
    folded.push({ entry, hidden: 0 });
  }
  settle();
  return folded;
}
