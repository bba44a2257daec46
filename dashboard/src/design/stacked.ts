// A table on a phone: its rows become cards, and every cell carries the head of its column.
//
// `<table v-stacked>` with `import { vStacked } from "@/design/stacked"`; its heads and rows may come and go.

import "./stacked.css";
import type { Directive } from "vue";

const watched = new WeakMap<HTMLTableElement, MutationObserver>();

/** What is only said to a reader's ears is no head to be shown. */
const headOf = (cell: Element): string =>
  cell.querySelector(".hiddenText") ? "" : (cell.textContent ?? "").trim();

export function nameCells(table: HTMLTableElement): void {
  const heads = [...table.querySelectorAll("thead th")].map(headOf);
  for (const row of table.querySelectorAll("tbody tr")) {
    [...row.children].forEach((cell, column) => cell.setAttribute("data-head", heads[column] ?? ""));
  }
}

export const vStacked: Directive<HTMLTableElement> = {
  mounted(table) {
    table.classList.add("stacked");
    nameCells(table);
    const observer = new MutationObserver(() => nameCells(table));
    observer.observe(table, { childList: true, subtree: true });
    watched.set(table, observer);
  },
  beforeUnmount(table) {
    watched.get(table)?.disconnect();
    watched.delete(table);
  },
};
