// A register line for a tag that a device sends and the register does not have: what is known is filled in,
// what only a person knows is guessed from the letters of ISA-5.1 and has to be looked at.

import type { Schemas } from "@/service/client";

export type Unknown = Schemas["UnknownPointView"];

const GUESSES: Record<string, { quantity: string; unit: string; low: number; high: number }> = {
  L: { quantity: "level", unit: "m", low: 0, high: 12 },
  P: { quantity: "pressure", unit: "MPa", low: 0, high: 2.5 },
  T: { quantity: "temperature", unit: "degC", low: -40, high: 80 },
  F: { quantity: "flow", unit: "m3/h", low: 0, high: 100 },
  G: { quantity: "combustible_gas", unit: "%LEL", low: 0, high: 100 },
  A: { quantity: "toxic_gas", unit: "ppm", low: 0, high: 50 },
};
const OTHER = { quantity: "other", unit: "-", low: 0, high: 100 };

export function guessOf(tag: string): (typeof GUESSES)[string] {
  const letter = /(?:^|[._-])([LPTFGA])[A-Z]*\d*[A-Z]?$/i.exec(tag)?.[1]?.toUpperCase();
  return (letter && GUESSES[letter]) || OTHER;
}

const quoted = (text: string): string => (/^[\w.-]+$/.test(text) ? text : JSON.stringify(text));
const cell = (text: string): string => (/[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

export function yamlLine({ device, tag }: Unknown): string {
  const guess = guessOf(tag);
  const gateway = device.split("/").slice(1).join("/");
  const facts = [
    `tag: ${quoted(tag)}`,
    `quantity: ${guess.quantity}`,
    `engineering_unit: ${quoted(guess.unit)}`,
    `range_low: ${guess.low}`,
    `range_high: ${guess.high}`,
    ...(gateway ? [`gateway: ${quoted(gateway)}`] : []),
  ];
  return `- {${facts.join(", ")}}`;
}

export const CSV_HEAD =
  "enterprise,installation,unit,tag,quantity,engineering_unit,range_low,range_high,gateway";

export function csvLine({ device, tag }: Unknown): string {
  const [enterprise = "", ...rest] = device.split("/");
  const guess = guessOf(tag);
  const place = [enterprise, "H01", tag.split(".")[0] ?? tag];
  const facts = [tag, guess.quantity, guess.unit, String(guess.low), String(guess.high), rest.join("/")];
  return [...place, ...facts].map(cell).join(",");
}
