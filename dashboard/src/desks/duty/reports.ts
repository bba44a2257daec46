// A daily report as the service writes it in JSON, and its files.

import { client } from "@/service/client";
import { asProblem, problemOf } from "@/service/problem";
import { clockText, dateText, numberText, percentText, spanText } from "@/words/format";
import { words } from "./reportWords";

export type Cell = string | number | boolean | null;
export type CellKind = "text" | "number" | "share" | "seconds" | "time";
interface Both {
  zh: string;
  en: string;
}
export interface Column {
  key: string;
  name: Both;
  kind: CellKind;
}
export interface Table {
  key: string;
  title: Both;
  columns: Column[];
  rows: Cell[][];
  total: number;
  note: Both | null;
}
export interface Chart {
  key: string;
  title: Both;
  categories: string[];
  series: [string, number[]][];
}
export interface Report {
  desk: string;
  desk_name: string;
  day: string;
  as_of: number;
  end: number;
  language: "zh" | "en";
  enterprises: number;
  label: Both;
  /** On duty, begun, ended, taken over by. */
  persons: Cell[][];
  summary: string[];
  tables: Table[];
  charts: Chart[];
}
export interface Wish {
  desk: string;
  day: string;
  language: "zh" | "en";
  fresh: boolean;
}

const LONG_MS = 120_000;

async function ask(wish: Wish, format: "json" | "pdf" | "xlsx"): Promise<Blob> {
  let given;
  try {
    given = await client.GET("/reports/daily", {
      params: { query: { ...wish, format } },
      parseAs: "blob",
      // Reports of a large desk take longer than a page would.
      fetch: (request: Request) => fetch(request, { signal: AbortSignal.timeout(LONG_MS) }),
    });
  } catch (error) {
    throw asProblem(error);
  }
  if (!given.response.ok) throw problemOf(given.response.status, given.error);
  return given.data as unknown as Blob;
}

export async function showReport(wish: Wish): Promise<Report> {
  return JSON.parse(await (await ask(wish, "json")).text()) as Report;
}

/** Fetched with the person's own rights, then handed to the browser as a file. */
export async function saveReport(wish: Wish, format: "pdf" | "xlsx"): Promise<void> {
  const file = URL.createObjectURL(await ask(wish, format));
  const link = document.createElement("a");
  link.href = file;
  link.download = `daily-${wish.day}-${wish.desk.replace(/[^\p{L}\p{N}]+/gu, "-")}.${format}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(file), 60_000);
}

export function cellText(cell: Cell, kind: CellKind): string {
  if (cell === null || cell === "") return "—";
  if (typeof cell === "boolean") return cell ? words.value.yes : words.value.no;
  if (typeof cell === "string") return cell;
  if (kind === "share") return percentText(cell);
  if (kind === "seconds") return spanText(cell);
  if (kind === "time") return `${dateText(cell)} ${clockText(cell)}`;
  return Number.isInteger(cell) ? String(cell) : numberText(cell);
}
