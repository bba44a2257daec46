// Markers that would lie on each other become one, with the most urgent level of them.
//
// The grid is fixed to the world and not to the screen, and changes with whole steps of the zoom only: while
// one moves the map, nothing jumps.

import { rank, worst, type LevelName } from "./level";
import { fromWorld, project, toWorld, worldSize, type Pixel, type Spot, type View } from "./mercator";
import type { Place } from "./places";

export interface Marker extends Spot {
  /** Of the place, or of the place that names the cluster. */
  id: string;
  places: Place[];
  level: LevelName;
  /** How many of them are cut off. */
  cutOff: number;
}

/** What is cut off lies over what is in order, and under every level. */
export const weigh = (marker: Marker): number => rank(marker.level) + (marker.cutOff ? 0.5 : 0);

const CELL = 76; // pixels; a marker with its name needs about so much
const APART_ZOOM = 17; // from here on every installation stands by itself

export function clustered(places: readonly Place[], zoom: number): Marker[] {
  const step = Math.floor(zoom);
  const cells = new Map<string, Place[]>();
  const size = worldSize(step) / CELL;
  for (const place of places) {
    if (!place.spot) continue;
    const world = toWorld(place.spot);
    const key = step >= APART_ZOOM ? place.id : `${Math.floor(world.x * size)}:${Math.floor(world.y * size)}`;
    const inside = cells.get(key);
    if (inside) inside.push(place);
    else cells.set(key, [place]);
  }
  return [...cells.values()].map(markerOf).sort((a, b) => weigh(a) - weigh(b));
}

function markerOf(places: Place[]): Marker {
  const worlds = places.flatMap((place) => (place.spot ? [toWorld(place.spot)] : []));
  const middle = fromWorld({ x: mean(worlds.map((w) => w.x)), y: mean(worlds.map((w) => w.y)) });
  const level = worst(places.map((place) => place.level));
  const first = places.find((place) => place.level === level) as Place;
  const cutOff = places.filter((place) => place.cutOff).length;
  return { ...middle, id: first.id, places, level, cutOff };
}

/** Those that are seen, with their place on the screen; the most urgent last, so that it lies above. */
export function shown(markers: readonly Marker[], view: View, beyond = 60): { marker: Marker; at: Pixel }[] {
  return markers
    .map((marker) => ({ marker, at: project(view, marker) }))
    .filter(
      ({ at }) =>
        at.x > -beyond && at.y > -beyond && at.x < view.width + beyond && at.y < view.height + beyond,
    );
}

const PIN = 15; // half the width of a pin
const LETTER = 13;
const LONGEST_NAME = 180;

export type Side = "right" | "left";
interface Box {
  id: string;
  weight: number;
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/**
 * On which side of their pins names can stand without lying on another pin or name; the most urgent ones first.
 * Who has a level is always named unless something as urgent is in the way: a name may cover a calmer pin.
 * The side on which the whole name stands within the `width` of the map comes first.
 */
export function readableNames(
  seen: readonly { marker: Marker; at: Pixel }[],
  width = Infinity,
): Map<string, Side> {
  const taken: Box[] = seen.map(({ marker, at }) => ({
    id: marker.id,
    weight: weigh(marker),
    left: at.x - PIN,
    right: at.x + PIN,
    top: at.y - PIN,
    bottom: at.y + PIN,
  }));
  const readable = new Map<string, Side>();
  for (const { marker, at } of [...seen].reverse()) {
    const [place, second] = marker.places;
    if (!place || second) continue;
    const wide = Math.min(LONGEST_NAME, LETTER * place.name.length + 8);
    const band = { id: marker.id, weight: weigh(marker), top: at.y - 10, bottom: at.y + 10 };
    const boxes: [Side, Box][] = [
      ["right", { ...band, left: at.x, right: at.x + PIN + wide }],
      ["left", { ...band, left: at.x - PIN - wide, right: at.x }],
    ];
    if (at.x + PIN + wide > width && at.x - PIN - wide >= 0) boxes.reverse();
    const calmer = (other: Box): boolean => other.weight < weigh(marker);
    const found =
      boxes.find(([, box]) => !taken.some((other) => hits(box, other))) ??
      boxes.find(([, box]) => !taken.some((other) => hits(box, other) && !calmer(other)));
    if (!found) continue;
    taken.push(found[1]);
    readable.set(marker.id, found[0]);
  }
  return readable;
}

function hits(box: Box, other: Box): boolean {
  return (
    other.id !== box.id &&
    other.left < box.right &&
    other.right > box.left &&
    other.top < box.bottom &&
    other.bottom > box.top
  );
}

const mean = (numbers: number[]): number => numbers.reduce((sum, one) => sum + one, 0) / numbers.length;
