// What several parts of the shift page need.

import type { Schemas } from "@/service/client";
import { words } from "./shiftWords";

export type Entry = Schemas["ShiftEntryView"];
export type Shift = Schemas["ShiftShiftView"];
export type Desk = Schemas["DeskView"];
export type Writing = "note" | "matter" | "settled" | "correction";

/** `user:张伟` is a person, `service` the service. */
export function authorText(author: string): string {
  return author === "service" ? words.value.service : author.replace(/^[a-z]+:/, "");
}

/** What a desk is called: its kind, and the name of its enterprise or region. */
export function deskText(desk: Desk, enterpriseName: (id: string) => string): string {
  const kind = (words.value.deskKind as Record<string, string>)[desk.kind] ?? desk.kind;
  const name = desk.kind === "enterprise" ? enterpriseName(desk.name) : desk.name;
  return name ? `${name} ${kind}` : kind;
}
