// A plan of an area: places in metres east and north become places on a drawing, true to scale.

export interface Place {
  /** m east and north of any common middle. */
  x: number;
  y: number;
}
export interface Frame {
  width: number;
  height: number;
  /** Free at each edge, for labels. */
  margin: number;
}
export interface Plan {
  /** Drawing units for a metre. */
  scale: number;
  at: (place: Place) => { x: number; y: number };
  bar: { metres: number; length: number };
}

/** Detectors a few metres apart are not drawn as if they stood far from each other. */
const SMALLEST_M = 8;

/** A length of 1, 2 or 5 times a power of ten, at most this long. */
export function roundLength(atMost: number): number {
  const power = 10 ** Math.floor(Math.log10(atMost));
  const digit = [5, 2, 1].find((one) => one * power <= atMost * (1 + 1e-9)) ?? 1;
  return digit * power;
}

export function planOf(places: readonly Place[], frame: Frame): Plan {
  const [left, right] = ends(places.map((place) => place.x));
  const [bottom, top] = ends(places.map((place) => place.y));
  const free = { width: frame.width - 2 * frame.margin, height: frame.height - 2 * frame.margin };
  const scale = Math.min(
    free.width / Math.max(right - left, SMALLEST_M),
    free.height / Math.max(top - bottom, SMALLEST_M),
  );
  const middle = { x: (left + right) / 2, y: (bottom + top) / 2 };
  const metres = roundLength(frame.width / 4 / scale);
  return {
    scale,
    at: (place) => ({
      x: frame.width / 2 + (place.x - middle.x) * scale,
      y: frame.height / 2 - (place.y - middle.y) * scale, // north is up
    }),
    bar: { metres, length: metres * scale },
  };
}

function ends(values: readonly number[]): [number, number] {
  return values.length ? [Math.min(...values), Math.max(...values)] : [0, 0];
}

/** On which side of each mark its label is free; a label at its usual place below, else above. */
export function labelSides(
  marks: readonly { x: number; y: number }[],
  room: { x: number; y: number },
): ("below" | "above" | "none")[] {
  const taken: { x: number; y: number }[] = [];
  const isFree = (spot: { x: number; y: number }) =>
    taken.every((other) => Math.abs(other.x - spot.x) >= room.x || Math.abs(other.y - spot.y) >= room.y) &&
    marks.every((mark) => Math.abs(mark.x - spot.x) >= room.x / 2 || Math.abs(mark.y - spot.y) >= room.y / 2);
  return marks.map((mark) => {
    for (const [side, dy] of [
      ["below", room.y],
      ["above", -room.y],
    ] as const) {
      const spot = { x: mark.x, y: mark.y + dy };
      if (!isFree(spot)) continue;
      taken.push(spot);
      return side;
    }
    return "none";
  });
}

const NAMES = [
  "N",
  "NNE",
  "NE",
  "ENE",
  "E",
  "ESE",
  "SE",
  "SSE",
  "S",
  "SSW",
  "SW",
  "WSW",
  "W",
  "WNW",
  "NW",
  "NNW",
];

/** Index 0 to 15 of the compass point; degrees clockwise from north. */
export function compassIndex(degrees: number): number {
  return ((Math.round(degrees / 22.5) % 16) + 16) % 16;
}
export const compassName = (degrees: number): string => NAMES[compassIndex(degrees)] ?? "";
