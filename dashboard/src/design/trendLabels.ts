// Where the labels of a trend stand, so that none covers another. Places are in pixels of the canvas.

export interface Box {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

const touch = (a: Box, b: Box): boolean =>
  a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;

/** Those places that no line or label of others runs through; all of them when each has one, for a name in a crowd
 * is better than none. */
export function clearOf(places: readonly Box[], others: readonly Box[]): readonly Box[] {
  const clear = places.filter((place) => !others.some((other) => touch(place, other)));
  return clear.length ? clear : places;
}

/** The first of these places that no label has yet; it is taken then. */
export function freePlace(places: readonly Box[], taken: Box[]): Box | undefined {
  const found = places.find((place) => !taken.some((other) => touch(place, other)));
  if (found) taken.push(found);
  return found;
}
