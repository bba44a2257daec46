// A rota's definition as it is typed: turns as lines of receivers, restrictions as one time of the week.

import type { Schemas } from "@/service/client";

export type Definition = Schemas["DefinitionBody"];
export type Layer = NonNullable<Definition["layers"]>[number];
export type Weekday = NonNullable<NonNullable<Layer["restrictions"]>[number]["weekdays"]>[number];
export const WEEKDAYS: readonly Weekday[] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

export interface TypedLayer {
  name: string;
  rotation: "daily" | "weekly" | "custom";
  every: number;
  unit: "hour" | "day" | "week";
  start_date: string;
  handover: string;
  /** One turn a line. */
  turns: string;
  limited: boolean;
  weekdays: Weekday[];
  start: string;
  end: string;
  /** Further restrictions, which are kept as they are. */
  others: NonNullable<Layer["restrictions"]>;
}

/** Ids of receivers of each turn; an empty line is a turn of nobody, empty lines at the end are none. */
export function turnsOf(text: string): string[][] {
  const lines = text.replace(/\s+$/, "").split("\n");
  return lines.map((line) =>
    line
      .split(/[,，、;；]/)
      .map((each) => each.trim())
      .filter(Boolean),
  );
}

export function typedLayer(layer: Layer): TypedLayer {
  const [first, ...others] = layer.restrictions ?? [];
  return {
    name: layer.name,
    rotation: layer.rotation ?? "weekly",
    every: layer.every ?? 1,
    unit: layer.unit ?? "day",
    start_date: layer.start_date,
    handover: layer.handover ?? "08:00",
    turns: layer.turns.map((turn) => (Array.isArray(turn) ? turn.join(", ") : turn)).join("\n"),
    limited: first !== undefined,
    weekdays: [...(first?.weekdays ?? WEEKDAYS)],
    start: first?.start ?? "00:00",
    end: first?.end ?? "00:00",
    others,
  };
}

export function newLayer(name: string, today: string): TypedLayer {
  return typedLayer({
    name,
    start_date: today,
    rotation: "weekly",
    handover: "08:00",
    turns: [],
  } as unknown as Layer);
}

export function layerOf(typed: TypedLayer): Layer {
  const custom = typed.rotation === "custom";
  const own = { weekdays: typed.weekdays, start: typed.start, end: typed.end };
  return {
    name: typed.name.trim(),
    rotation: typed.rotation,
    every: custom ? Number(typed.every) : 1,
    unit: custom ? typed.unit : null,
    start_date: typed.start_date,
    handover: typed.handover,
    turns: turnsOf(typed.turns),
    restrictions: typed.limited ? [own, ...typed.others] : [],
  };
}

/** Receivers that are named and do not exist. */
export function strangers(layers: readonly TypedLayer[], known: ReadonlySet<string>): string[] {
  const named = layers.flatMap((layer) => turnsOf(layer.turns).flat());
  return [...new Set(named.filter((id) => !known.has(id)))];
}
