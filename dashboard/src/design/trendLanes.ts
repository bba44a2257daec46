// When conditions were true: a strip of its own above the plot, a line for each, so that none lies over the curve.

import type uPlot from "uplot";
import { token } from "./theme";
import { dots, inside, line, write } from "./trendDrawing";

/** When something was true: filled until somebody had answered, then hollow. */
export interface Lane {
  label: string;
  /** Token of its colour. */
  colour: "critical" | "high" | "medium" | "low";
  spans: readonly { from: number; to: number | null; answered: number | null }[];
}

const LANE_HEIGHT = 16;
const BAR = 7;
const GAP = 4;
const LONGEST_SHARE = 0.85;

/** CSS pixels that so many lanes need above the plot. */
export const stripHeight = (lanes: number): number => (lanes ? lanes * LANE_HEIGHT + GAP : 0);

/** One line for each condition, from the top: bars while it was true, and a faint line through the plot where it began. */
export function drawLanes(plot: uPlot, lanes: readonly Lane[], until: number): void {
  const strip = dots(stripHeight(lanes.length));
  inside(
    plot,
    (ctx, box) => {
      ctx.textBaseline = "middle";
      lanes.forEach((lane, row) => {
        ctx.fillStyle = ctx.strokeStyle = token(lane.colour);
        const middle = box.top - strip + dots((row + 0.5) * LANE_HEIGHT);
        const bars = barsOf(plot, lane, until);
        for (const bar of bars) drawBar(ctx, box, bar, middle);
        name(ctx, box, lane.label, bars, middle);
      });
    },
    strip,
  );
}

/** Pixels of the canvas: from `begin` to `answered` filled, hollow to `end`. */
interface Bar {
  begin: number;
  answered: number;
  end: number;
}

function barsOf(plot: uPlot, lane: Lane, until: number): Bar[] {
  const [left, right] = [plot.bbox.left, plot.bbox.left + plot.bbox.width];
  const x = (time: number) => plot.valToPos(time, "x", true);
  return lane.spans
    .map(({ from, to, answered }): Bar => {
      const begin = x(from);
      const end = Math.max(x(to ?? until), begin + dots(2));
      return { begin, end, answered: Math.min(end, answered === null ? end : Math.max(x(answered), begin)) };
    })
    .filter(({ begin, end }) => end >= left && begin <= right);
}

function drawBar(ctx: CanvasRenderingContext2D, box: uPlot.BBox, bar: Bar, middle: number): void {
  const { begin, answered, end } = bar;
  const top = middle - dots(BAR / 2);
  ctx.fillRect(begin, top, answered - begin, dots(BAR));
  if (end > answered) ctx.strokeRect(answered, top + dots(0.75), end - answered, dots(BAR - 1.5));
  ctx.save();
  ctx.globalAlpha = 0.35;
  ctx.lineWidth = dots(1);
  line(ctx, begin, middle, begin, box.top + box.height);
  ctx.restore();
}

/** Before the first bar, else behind the last one, else on the bars. */
function name(
  ctx: CanvasRenderingContext2D,
  box: uPlot.BBox,
  label: string,
  bars: readonly Bar[],
  middle: number,
): void {
  const text = shortened(ctx, label, LONGEST_SHARE * box.width);
  const width = ctx.measureText(text).width + dots(2 * GAP);
  const [left, right] = [box.left, box.left + box.width];
  const first = Math.min(right, ...bars.map((bar) => bar.begin));
  const last = Math.max(left, ...bars.map((bar) => bar.end));
  ctx.textAlign = "left";
  if (first - left >= width) write(ctx, text, first - width + dots(GAP), middle);
  else if (right - last >= width) write(ctx, text, last + dots(GAP), middle);
  else write(ctx, text, left + dots(GAP), middle);
}

function shortened(ctx: CanvasRenderingContext2D, text: string, room: number): string {
  let shown = text;
  while (shown.length > 1 && ctx.measureText(shown).width > room)
    shown = `${shown.replace(/…$/, "").slice(0, -1)}…`;
  return shown;
}
