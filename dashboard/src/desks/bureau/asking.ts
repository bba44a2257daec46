// What the bureau's pages ask the service for; the first word of each key is the topic of the news about it.

import { answer, client, type Schemas } from "@/service/client";
import { useAsked } from "@/service/asking";

const PAGE = 500;
const MOST_PAGES = 40; // twenty thousand: no bureau has more, and a mistake in paging ends

interface Page<T> {
  rows: T[];
  next: string | null;
}

/** Every page of a list, one after the other. */
export async function everyPage<T>(ask: (after: string | undefined) => Promise<Page<T>>): Promise<T[]> {
  const all: T[] = [];
  let after: string | undefined;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const { rows, next } = await ask(after);
    all.push(...rows);
    if (next === null) break;
    after = next;
  }
  return all;
}

export const everyLevel = (): Promise<Schemas["LevelView"][]> =>
  everyPage(async (after) => {
    const page = await answer(client.GET("/warnings/levels", { params: { query: { after, limit: PAGE } } }));
    return { rows: page.installations, next: page.next };
  });

export const everyWarning = (
  wanted: { open?: boolean; overdue?: boolean; enterprise?: string } = {},
): Promise<Schemas["WarningView"][]> =>
  everyPage(async (after) => {
    const query = { ...wanted, after, limit: PAGE };
    const page = await answer(client.GET("/warnings", { params: { query } }));
    return { rows: page.warnings, next: page.next };
  });

export const everyOrder = (
  wanted: {
    open?: boolean;
    progress?: "red" | "yellow" | "green";
    enterprise?: string;
    warning?: string;
  } = {},
): Promise<Schemas["OrderView"][]> =>
  everyPage(async (after) => {
    const query = { ...wanted, after, limit: PAGE };
    const page = await answer(client.GET("/supervision", { params: { query } }));
    return { rows: page.orders, next: page.next };
  });

export const useLateWarnings = (when: () => boolean = () => true) =>
  useAsked(["warnings", "overdue"], () => everyWarning({ overdue: true, open: true }), { everyS: 60, when });

export const useLateOrders = (when: () => boolean = () => true) =>
  useAsked(["supervision", "red"], () => everyOrder({ progress: "red" }), { everyS: 60, when });
