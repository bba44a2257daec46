// Where the labels of a trend stand, so that none covers another. Places are in pixels of the canvas.

export interface Box {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

const touch = (a: Box, b: Box): boolean =>
  a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;

/** The same places, first those that no line or label of others runs through: a name in a crowd is better than none. */
export function clearFirst(places: readonly Box[], others: readonly Box[]): readonly Box[] {
  const isClear = (place: Box): boolean => !others.some((other) => touch(place, other));
  const clear = places.filter(isClear);
  return [...clear, ...places.filter((place) => !clear.includes(place))];
}

/** The first of these places that no label has yet; it is taken then. */
export function freePlace(places: readonly Box[], taken: Box[]): Box | undefined {
  const found = places.find((place) => !taken.some((other) => touch(place, other)));
  if (found) taken.push(found);
  return found;
}
