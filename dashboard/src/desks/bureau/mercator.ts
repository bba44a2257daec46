// Where a place on the globe stands on the screen: Web Mercator, as tiles have it (EPSG:3857).
//
// The world is a square from 0 to 1 on both sides; at zoom z it is 512 · 2^z pixels wide, as MapLibre counts.

export interface Spot {
  longitude: number;
  latitude: number;
}
export interface Pixel {
  x: number;
  y: number;
}
/** What a map shows: its middle, how near, and its size in pixels. */
export interface View extends Spot {
  zoom: number;
  width: number;
  height: number;
}
export interface Bounds {
  west: number;
  east: number;
  south: number;
  north: number;
}

export const TILE = 512;
export const MOST_ZOOM = 19;
export const LEAST_ZOOM = 2;
const HIGHEST_LATITUDE = 85.051129; // where the square ends
const EQUATOR_M = 40_075_016.686; // of the WGS 84 ellipsoid

export function toWorld({ longitude, latitude }: Spot): Pixel {
  const bounded = Math.min(HIGHEST_LATITUDE, Math.max(-HIGHEST_LATITUDE, latitude));
  const sine = Math.sin((bounded * Math.PI) / 180);
  return {
    x: (longitude + 180) / 360,
    y: 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI),
  };
}

export function fromWorld({ x, y }: Pixel): Spot {
  return {
    longitude: x * 360 - 180,
    latitude: (Math.atan(Math.sinh(Math.PI * (1 - 2 * y))) * 180) / Math.PI,
  };
}

export const worldSize = (zoom: number): number => TILE * 2 ** zoom;

export function project(view: View, spot: Spot): Pixel {
  const size = worldSize(view.zoom);
  const middle = toWorld(view);
  const there = toWorld(spot);
  return {
    x: (there.x - middle.x) * size + view.width / 2,
    y: (there.y - middle.y) * size + view.height / 2,
  };
}

export function unproject(view: View, pixel: Pixel): Spot {
  const size = worldSize(view.zoom);
  const middle = toWorld(view);
  return fromWorld({
    x: middle.x + (pixel.x - view.width / 2) / size,
    y: middle.y + (pixel.y - view.height / 2) / size,
  });
}

export function boundsOf(view: View): Bounds {
  const top = unproject(view, { x: 0, y: 0 });
  const bottom = unproject(view, { x: view.width, y: view.height });
  return { west: top.longitude, east: bottom.longitude, south: bottom.latitude, north: top.latitude };
}

/** Moved so that it shows what stood so many pixels to the right and below. */
export function moved(view: View, right: number, down: number): View {
  return { ...view, ...unproject(view, { x: view.width / 2 + right, y: view.height / 2 + down }) };
}

/** Nearer or further; what is under this pixel stays there. */
export function zoomed(view: View, by: number, around: Pixel): View {
  const zoom = Math.min(MOST_ZOOM, Math.max(LEAST_ZOOM, view.zoom + by));
  const kept = toWorld(unproject(view, around));
  const size = worldSize(zoom);
  return {
    ...view,
    ...fromWorld({
      x: kept.x - (around.x - view.width / 2) / size,
      y: kept.y - (around.y - view.height / 2) / size,
    }),
    zoom,
  };
}

/** A view that shows all of these, with a margin; one place alone is shown at `nearest`. */
export function fitted(
  spots: readonly Spot[],
  size: { width: number; height: number },
  margin = 56,
  nearest = 14,
): View | null {
  if (spots.length === 0) return null;
  const all = spots.map(toWorld);
  const [left, right] = [Math.min(...all.map((p) => p.x)), Math.max(...all.map((p) => p.x))];
  const [top, bottom] = [Math.min(...all.map((p) => p.y)), Math.max(...all.map((p) => p.y))];
  const room = (pixels: number) => Math.max(32, pixels - 2 * margin);
  const fits = Math.min(
    right > left ? Math.log2(room(size.width) / (right - left) / TILE) : Infinity,
    bottom > top ? Math.log2(room(size.height) / (bottom - top) / TILE) : Infinity,
  );
  const zoom = Math.max(LEAST_ZOOM, Math.min(nearest, fits));
  return { ...fromWorld({ x: (left + right) / 2, y: (top + bottom) / 2 }), zoom, ...size };
}

/** Metres that a pixel covers in the middle of the view. */
export function metresPerPixel(view: Pick<View, "latitude" | "zoom">): number {
  return (EQUATOR_M * Math.cos((view.latitude * Math.PI) / 180)) / worldSize(view.zoom);
}

/** A round length that is at most so many pixels long: 1, 2 or 5 times a power of ten metres. */
export function scaleBar(view: View, longest = 120): { metres: number; pixels: number } {
  const each = metresPerPixel(view);
  const most = each * longest;
  const power = 10 ** Math.floor(Math.log10(most));
  const metres = ([5, 2].find((times) => times * power <= most) ?? 1) * power;
  return { metres, pixels: metres / each };
}
