// Lists that the service gives page by page and that are needed whole: persons, keys.

interface Page {
  next: string | number | null;
}

/** Every page, one after the other. */
export async function everyPage<P extends Page, R>(
  ask: (after: string | null) => Promise<P>,
  rowsOf: (page: P) => R[],
): Promise<R[]> {
  const rows: R[] = [];
  let after: string | null = null;
  do {
    const page: P = await ask(after);
    rows.push(...rowsOf(page));
    after = page.next === null ? null : String(page.next);
  } while (after !== null);
  return rows;
}
