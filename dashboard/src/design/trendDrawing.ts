// What a trend shows besides its lines: limits, moments, stretches without good samples. Drawn on uPlot's canvas.

import type uPlot from "uplot";
import { token } from "./theme";
import { clearFirst, freePlace, type Box } from "./trendLabels";

export interface LimitLine {
  label: string;
  value: number;
  /** Which colour it deserves: a limit that needs a person at once, or one before it. */
  urgent: boolean;
  /** Unit of the series it belongs to; that of the first if not given. */
  unit?: string;
}
export interface TimeMark {
  /** s UTC */
  time: number;
  label: string;
  urgent: boolean;
}
/** Samples were there and were bad. */
export interface BadStretch {
  /** s UTC */
  from: number;
  to: number;
  label: string;
}
export interface Doubtful {
  unit: string;
  times: readonly number[];
  values: readonly (number | null)[];
}

export const dots = (pixels: number): number => pixels * devicePixelRatio;
const LABEL_HEIGHT = 14;
const HATCH = 7;

export function line(ctx: CanvasRenderingContext2D, x1: number, y1: number, x2: number, y2: number): void {
  ctx.beginPath();
  ctx.moveTo(x1, y1);
  ctx.lineTo(x2, y2);
  ctx.stroke();
}

/** Within the plot and so many pixels above it, with its own pen; what is set there does not last. */
export function inside(
  plot: uPlot,
  draw: (ctx: CanvasRenderingContext2D, box: uPlot.BBox) => void,
  above = 0,
): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top - above, bbox.width, bbox.height + above);
  ctx.clip();
  ctx.font = `${dots(12)}px system-ui, sans-serif`;
  ctx.lineWidth = dots(1.5);
  draw(ctx, bbox);
  ctx.restore();
}

/** Text that stays readable on lines. */
export function write(ctx: CanvasRenderingContext2D, text: string, x: number, y: number): void {
  ctx.save();
  ctx.setLineDash([]);
  ctx.lineJoin = "round";
  ctx.lineWidth = dots(4);
  ctx.strokeStyle = token("panel");
  ctx.strokeText(text, x, y);
  ctx.restore();
  ctx.fillText(text, x, y);
}

/** Where the curves run, as boxes from sample to sample. */
export function curveBoxes(plot: uPlot): Box[] {
  const times = plot.data[0];
  return plot.series.slice(1).flatMap((one, index): Box[] => {
    const values = plot.data[index + 1] ?? [];
    const found: Box[] = [];
    let before: { x: number; y: number } | null = null;
    times.forEach((time, i) => {
      const value = values[i];
      if (value === undefined) return; // A moment of another series.
      if (value === null) return void (before = null);
      const [x, y] = [plot.valToPos(time, "x", true), plot.valToPos(value, one.scale ?? "y", true)];
      const from = before ?? { x, y };
      found.push(boxAround(from.x, from.y, x, y));
      before = { x, y };
    });
    return found;
  });
}
function boxAround(x1: number, y1: number, x2: number, y2: number): Box {
  const room = dots(2);
  return {
    left: Math.min(x1, x2) - room,
    right: Math.max(x1, x2) + room,
    top: Math.min(y1, y2) - room,
    bottom: Math.max(y1, y2) + room,
  };
}

type ShownLimit = { limit: LimitLine; y: number };

function shownLimits(plot: uPlot, limits: readonly LimitLine[], firstUnit: string): ShownLimit[] {
  const { top, height } = plot.bbox;
  return limits.flatMap((limit) => {
    const scale = limit.unit ?? firstUnit;
    const y = plot.scales[scale] ? Math.round(plot.valToPos(limit.value, scale, true)) : NaN;
    return y >= top && y <= top + height ? [{ limit, y }] : [];
  });
}
const inkOf = (limit: LimitLine): string => token(limit.urgent ? "critical" : "high");

/** The lines only; their names come last (`nameLimits`). */
export function drawLimits(plot: uPlot, limits: readonly LimitLine[], firstUnit: string): void {
  inside(plot, (ctx, box) => {
    ctx.setLineDash([dots(8), dots(4)]);
    for (const { limit, y } of shownLimits(plot, limits, firstUnit)) {
      ctx.strokeStyle = inkOf(limit);
      line(ctx, box.left, y, box.left + box.width, y);
    }
  });
}

/** A name stands on its line, else below it, else so at the other end, where no other limit and no curve runs through
 * it if there is such a place, and on a ground of its own; `taken` knows the labels that stand. */
export function nameLimits(
  plot: uPlot,
  limits: readonly LimitLine[],
  firstUnit: string,
  curves: readonly Box[],
  taken: Box[],
): void {
  const shown = shownLimits(plot, limits, firstUnit);
  inside(plot, (ctx, box) => {
    const [left, right] = [box.left, box.left + box.width];
    const lines = shown.map(({ y }): Box => ({ left, right, top: y, bottom: y }));
    ctx.textAlign = "left";
    for (const { limit, y } of shown) {
      const width = ctx.measureText(limit.label).width;
      const places = clearFirst(clearFirst(limitPlaces(box, y, width), curves), lines);
      const place = freePlace(places, taken);
      if (!place) continue;
      ctx.fillStyle = token("panel");
      ctx.fillRect(place.left - dots(3), place.top + dots(1), width + dots(6), dots(LABEL_HEIGHT - 2));
      ctx.fillStyle = inkOf(limit);
      ctx.fillText(limit.label, place.left, place.bottom - dots(3));
    }
  });
}

function limitPlaces(box: uPlot.BBox, y: number, width: number): Box[] {
  const rights = [box.left + box.width - dots(4), box.left + dots(4) + width];
  const bottoms = [y - dots(2), y + dots(LABEL_HEIGHT + 3)];
  return rights
    .flatMap((right) =>
      bottoms.map((bottom) => ({ left: right - width, right, top: bottom - dots(LABEL_HEIGHT), bottom })),
    )
    .filter((place) => place.top >= box.top && place.bottom <= box.top + box.height);
}

const MARK_ROWS = 4;

/** Their labels stand in a few lines, so that what happened close together can be read, and where no curve is if there
 * is such a place. */
export function drawMarks(
  plot: uPlot,
  marks: readonly TimeMark[],
  curves: readonly Box[],
  taken: Box[],
): void {
  inside(plot, (ctx, box) => {
    for (const mark of [...marks].sort((a, b) => a.time - b.time)) {
      const x = Math.round(plot.valToPos(mark.time, "x", true));
      if (x < box.left || x > box.left + box.width) continue;
      ctx.strokeStyle = ctx.fillStyle = token(mark.urgent ? "critical" : "dim");
      line(ctx, x, box.top, x, box.top + box.height);
      ctx.textAlign = "left";
      const places = markPlaces(box, x, ctx.measureText(mark.label).width);
      const place = freePlace(clearFirst(places, curves), taken);
      if (place) write(ctx, mark.label, place.left, place.bottom - dots(2));
    }
  });
}

function markPlaces(box: uPlot.BBox, x: number, width: number): Box[] {
  const lefts = [x + dots(4), x - dots(4) - width];
  const tops = Array.from({ length: MARK_ROWS }, (_, row) => box.top + dots(LABEL_HEIGHT * row));
  return tops
    .flatMap((top) =>
      lefts.map((left) => ({ left, right: left + width, top, bottom: top + dots(LABEL_HEIGHT) })),
    )
    .filter((place) => place.left >= box.left && place.right <= box.left + box.width);
}

export function drawBad(plot: uPlot, stretches: readonly BadStretch[]): void {
  inside(plot, (ctx, box) => {
    ctx.strokeStyle = ctx.fillStyle = token("warn");
    for (const one of stretches) {
      const from = Math.max(box.left, plot.valToPos(one.from, "x", true));
      const to = Math.min(box.left + box.width, Math.max(from + dots(2), plot.valToPos(one.to, "x", true)));
      if (to < box.left || from > box.left + box.width) continue;
      hatch(ctx, box, from, to);
      ctx.globalAlpha = 1;
      if (ctx.measureText(one.label).width < to - from) {
        ctx.fillText(one.label, from + dots(3), box.top + box.height - dots(6));
      }
    }
  });
}

function hatch(ctx: CanvasRenderingContext2D, box: uPlot.BBox, from: number, to: number): void {
  ctx.save();
  ctx.beginPath();
  ctx.rect(from, box.top, to - from, box.height);
  ctx.clip();
  ctx.globalAlpha = 0.1;
  ctx.fillRect(from, box.top, to - from, box.height);
  ctx.globalAlpha = 0.35;
  ctx.lineWidth = dots(1);
  const step = dots(HATCH);
  for (let x = from - box.height; x < to; x += step)
    line(ctx, x, box.top + box.height, x + box.height, box.top);
  ctx.restore();
}

/** A hollow diamond on each doubtful sample. */
export function drawDoubtful(plot: uPlot, all: readonly Doubtful[]): void {
  inside(plot, (ctx) => {
    ctx.strokeStyle = token("warn");
    ctx.fillStyle = token("panel");
    const size = dots(4);
    for (const { unit, times, values } of all) {
      times.forEach((time, i) => {
        const value = values[i];
        if (value === null || value === undefined) return;
        const [x, y] = [plot.valToPos(time, "x", true), plot.valToPos(value, unit, true)];
        ctx.beginPath();
        ctx.moveTo(x, y - size);
        ctx.lineTo(x + size, y);
        ctx.lineTo(x, y + size);
        ctx.lineTo(x - size, y);
        ctx.closePath();
        ctx.fill();
        ctx.stroke();
      });
    }
  });
}

/** Where history ends and a projection may begin. */
export function drawNow(plot: uPlot, now: number): void {
  inside(plot, (ctx, box) => {
    const x = Math.round(plot.valToPos(now, "x", true));
    if (x < box.left || x > box.left + box.width) return;
    ctx.strokeStyle = token("line-strong");
    ctx.setLineDash([dots(2), dots(3)]);
    line(ctx, x, box.top, x, box.top + box.height);
  });
}
