// The trend of one point: a line in SVG, limits across, the reading under the pointer.

import { byId, element, setText, shape } from "./dom.js";
import { trend } from "./service.js";
import { nameOf, numberText, say, timeOfDay, unitText } from "./texts.js";

const RANGES_MIN = [15, 60, 360, 1440];
const AGAIN_MS = 5000;
const MAX_POINTS = 600;
const HEIGHT = 240;
const EDGE = { left: 52, right: 34, top: 10, bottom: 22 };
const NAMES = ["LL", "L", "H", "HH"];

export class TrendPanel {
  constructor(nowOf) {
    this.nowOf = nowOf;
    this.point = null;
    this.minutes = RANGES_MIN[0];
    this.drawnAt = 0;
    this.chosen = false;
    byId("trendClose").addEventListener("click", () => this.close());
    byId("chart").addEventListener("pointermove", (event) => this.#read(event));
    byId("chart").addEventListener("pointerleave", () => this.#extremes());
    new ResizeObserver(() => this.series && this.#draw()).observe(byId("chart"));
  }

  // A person wants to see this point; from then on nothing else is suggested.
  choose(point) {
    this.chosen = true;
    this.#show(point);
    byId("trendPanel").scrollIntoView({ block: "nearest" });
  }

  // Shown until a person chooses.
  suggest(point) {
    if (!this.chosen && point !== this.point) this.#show(point);
  }

  #show(point) {
    this.point = point;
    this.series = null;
    byId("trendPanel").hidden = false;
    this.relabel();
    byId("chart").replaceChildren();
    setText(byId("trendState"), say("trendWait"));
    this.#load();
  }

  close() {
    this.chosen = true;
    this.point = null;
    byId("trendPanel").hidden = true;
  }

  // Called often; reads again when the picture has become old.
  tick() {
    if (this.point && !this.loading && performance.now() - this.drawnAt > AGAIN_MS) this.#load();
  }

  relabel() {
    if (!this.point) return;
    const name = this.point.name ? ` ${nameOf(this.point)}` : "";
    setText(byId("trendTitle"), `${this.point.unit_name} · ${this.point.tag}${name}`);
    byId("ranges").replaceChildren(...RANGES_MIN.map((minutes) => this.#rangeButton(minutes)));
    if (this.series) this.#extremes();
  }

  #rangeButton(minutes) {
    const text = minutes < 60 ? say("minutes", { n: minutes }) : say("hours", { n: minutes / 60 });
    const choose = () => {
      this.minutes = minutes;
      this.relabel();
      this.#load();
    };
    const attributes = { type: "button", "aria-pressed": String(minutes === this.minutes) };
    return element("button", { text, classes: "quiet", attributes, on: { click: choose } });
  }

  async #load() {
    const { point, minutes } = this;
    const end = this.nowOf() ?? Date.now();
    this.loading = true;
    try {
      const series = await trend(point.id, end - minutes * 60000, end, MAX_POINTS);
      if (this.point !== point || this.minutes !== minutes) return;
      this.series = series;
      setText(byId("trendState"), series.value.some((value) => value !== null) ? "" : say("trendEmpty"));
      this.#draw();
    } catch (error) {
      const why = error.text ? say(error.text) : error.status ? say("failed", { status: error.status }) : error.message;
      setText(byId("trendState"), say("trendFailed", { why }));
    } finally {
      this.loading = false;
      this.drawnAt = performance.now();
    }
  }

  #draw() {
    const width = Math.max(280, byId("chart").clientWidth);
    const { series } = this;
    const limits = NAMES.map((name) => [name, series.limits[name]]).filter(([, limit]) => limit !== null);
    const [low, high] = spread(series.value, limits.map(([, limit]) => limit));
    this.x = (time) => EDGE.left + ((time - series.start) / (series.end - series.start)) * (width - EDGE.left - EDGE.right);
    this.y = (value) => EDGE.top + ((high - value) / (high - low)) * (HEIGHT - EDGE.top - EDGE.bottom);
    const picture = shape("svg", { width, height: HEIGHT, viewBox: `0 0 ${width} ${HEIGHT}`, role: "img" });
    picture.setAttribute("aria-label", byId("trendTitle").textContent);
    picture.append(...this.#scales(low, high, width));
    picture.append(...this.#limits(limits.filter(([, limit]) => limit >= low && limit <= high), width));
    picture.append(shape("path", { d: this.#path(), class: "line" }));
    this.pointer = shape("line", { y1: EDGE.top, y2: HEIGHT - EDGE.bottom, x1: -9, x2: -9, class: "pointer" });
    picture.append(this.pointer);
    byId("chart").replaceChildren(picture);
    this.#extremes();
  }

  // Lowest first; a name that would stand on the one below it moves up.
  #limits(limits, width) {
    const parts = [];
    let below = Infinity;
    for (const [name, limit] of limits) {
      const y = this.y(limit);
      below = Math.min(y + 4, below - 11);
      parts.push(
        shape("line", { x1: EDGE.left, x2: width - EDGE.right, y1: y, y2: y, class: `limit ${name}` }),
        label(name, width - EDGE.right + 4, below, "limitName"),
      );
    }
    return parts;
  }

  #scales(low, high, width) {
    const parts = [];
    for (const tick of ticks(low, high, 5)) {
      parts.push(
        shape("line", { x1: EDGE.left, x2: width - EDGE.right, y1: this.y(tick), y2: this.y(tick), class: "grid" }),
        label(String(Number(tick.toPrecision(6))), EDGE.left - 6, this.y(tick) + 4, "tick left"),
      );
    }
    const columns = Math.max(2, Math.min(6, Math.floor(width / 130)));
    for (let at = 0; at <= columns; at += 1) {
      const time = this.series.start + ((this.series.end - this.series.start) * at) / columns;
      parts.push(label(timeOfDay(time), this.x(time), HEIGHT - 6, `tick ${at === 0 ? "" : at === columns ? "left" : "middle"}`));
    }
    return parts;
  }

  // A sample without a value ends the line, and so does silence: nothing is drawn where nothing was measured.
  // A sample between two silences is drawn as a dot.
  #path() {
    const times = this.series.source_time;
    const silence = silenceOf(this.series, this.point.period_s);
    let drawn = "";
    let before = null;
    this.series.value.forEach((value, at) => {
      if (value === null || this.series.quality[at].startsWith("bad")) {
        before = null;
        return;
      }
      const place = `${this.x(times[at]).toFixed(1)} ${this.y(value).toFixed(1)}`;
      drawn += before !== null && times[at] - before <= silence ? `L${place}` : `M${place}h0`;
      before = times[at];
    });
    return drawn;
  }

  #read(event) {
    const times = this.series?.source_time ?? [];
    if (!times.length || !this.x) return;
    const left = event.clientX - byId("chart").getBoundingClientRect().left;
    let nearest = 0;
    times.forEach((time, at) => {
      if (Math.abs(this.x(time) - left) < Math.abs(this.x(times[nearest]) - left)) nearest = at;
    });
    for (const side of ["x1", "x2"]) this.pointer.setAttribute(side, this.x(times[nearest]));
    const quality = this.series.quality[nearest];
    const value = numberText(this.series.value[nearest]);
    const text = `${timeOfDay(times[nearest])}　${value} ${unitText(this.series.engineering_unit)}　${say(quality)}`;
    setText(byId("readout"), text);
  }

  #extremes() {
    const values = this.series?.value.filter((value) => value !== null) ?? [];
    for (const side of ["x1", "x2"]) this.pointer?.setAttribute(side, -9);
    if (!values.length) return setText(byId("readout"), "");
    const min = numberText(Math.min(...values));
    const max = numberText(Math.max(...values));
    return setText(byId("readout"), say("extremes", { min, max, unit: unitText(this.series.engineering_unit) }));
  }
}

// How far apart (ns) two samples must be for the time between them to count as silence. A thinned series
// holds two samples of each of MAX_POINTS / 2 equal parts, so neighbours may be nearly two parts apart.
function silenceOf(series, periodS) {
  const gaps = series.source_time.slice(1).map((time, at) => time - series.source_time[at]);
  const median = gaps.sort((a, b) => a - b)[gaps.length >> 1] ?? 0;
  const part = (series.end - series.start) / (MAX_POINTS / 2);
  return Math.max(3e9 * periodS, 3 * median, 2 * part);
}

function label(text, x, y, classes) {
  const made = shape("text", { x, y, class: classes });
  made.textContent = text;
  return made;
}

// Room for the values and for the limits next to them, with a margin.
function spread(values, limits) {
  const real = values.filter((value) => value !== null);
  if (!real.length) real.push(...(limits.length ? limits : [0, 1]));
  let low = Math.min(...real);
  let high = Math.max(...real);
  const above = limits.filter((limit) => limit >= high);
  const below = limits.filter((limit) => limit <= low);
  if (above.length) high = Math.min(...above);
  if (below.length) low = Math.max(...below);
  const margin = (high - low || Math.abs(high) || 1) * 0.08;
  return [low - margin, high + margin];
}

function ticks(low, high, wanted) {
  const rough = (high - low) / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((size) => size >= rough);
  const found = [];
  for (let tick = Math.ceil(low / step) * step; tick <= high; tick += step) found.push(tick);
  return found;
}
