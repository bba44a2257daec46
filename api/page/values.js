// The live values, a table for each unit. Rows are made once; cells change when a value or an age does.

import { byId, element, setText } from "./dom.js";
import { mark } from "./marks.js";
import { duration, nameOf, numberText, say, unitText } from "./texts.js";

const OLD_AFTER_PERIODS = 3;

export class ValueTables {
  constructor(desk, showTrend) {
    this.desk = desk;
    this.showTrend = showTrend;
    this.rows = new Map();
  }

  // Make all tables: at the start, and when the language changes.
  build() {
    const units = new Map();
    for (const point of this.desk.points.values()) {
      const key = `${point.enterprise}/${point.installation}/${point.unit}`;
      if (!units.has(key)) units.set(key, []);
      units.get(key).push(point);
    }
    this.rows.clear();
    byId("units").replaceChildren(...[...units.values()].map((points) => this.#table(points)));
    this.update(this.desk.points.keys());
    this.markAlarms();
  }

  update(pointIds) {
    for (const id of pointIds) {
      const row = this.rows.get(id);
      if (!row) continue;
      const newest = this.desk.values.get(id);
      const quality = newest?.quality ?? "bad_waiting_for_initial_data";
      setText(row.value, numberText(quality.startsWith("bad") ? null : newest?.value));
      row.reported = quality;
      this.#tellQuality(row);
    }
  }

  // What the last sample said of itself is no news of a point that has fallen silent since.
  #tellQuality(row) {
    let [kind, text] = [row.reported.split("_")[0], row.reported];
    if (!row.point.in_use) [kind, text] = ["unused", "outOfService"];
    else if ((row.stale && kind !== "bad") || (row.silent && kind === "good")) [kind, text] = ["silent", "noData"];
    setText(row.quality, say(text));
    if (row.line.dataset.quality !== kind) row.line.dataset.quality = kind;
  }

  // The ages of all points, against their gateway's clock.
  tick() {
    for (const [id, row] of this.rows) {
      const newest = this.desk.values.get(id);
      const age = newest ? this.desk.ageOf(newest) : null;
      setText(row.age, age === null ? "—" : duration(age));
      row.line.classList.toggle("old", age !== null && age > OLD_AFTER_PERIODS * row.point.period_s);
      row.silent = this.desk.isSilent(id);
      this.#tellQuality(row);
    }
  }

  markAlarms() {
    const worst = this.desk.alarmOfPoint();
    const silent = this.desk.silentPoints();
    for (const [id, row] of this.rows) {
      row.stale = silent.has(id);
      this.#tellQuality(row);
      const alarm = worst.get(id);
      if (row.alarm === alarm) continue;
      row.alarm = alarm;
      row.sign.replaceChildren(...(alarm ? [mark(alarm)] : []));
    }
  }

  #table(points) {
    const head = ["point", "value", "quality", "age"].map((key) =>
      element("th", { text: say(key), classes: key, attributes: { scope: "col" } }),
    );
    return element(
      "table",
      { classes: "unit" },
      element("caption", { text: points[0].unit_name }),
      element("thead", {}, element("tr", {}, ...head)),
      element("tbody", {}, ...points.map((point) => this.#row(point))),
    );
  }

  #row(point) {
    const sign = element("span", { classes: "sign" });
    const value = element("span", { classes: "number" });
    const quality = element("td", { classes: "quality" });
    const age = element("td", { classes: "age" });
    const name = element(
      "button",
      { classes: "quiet", attributes: { type: "button" }, on: { click: () => this.showTrend(point) } },
      element("span", { classes: "tag", text: point.tag }),
      element("span", { classes: "name", text: point.name ? nameOf(point) : "" }),
    );
    const line = element(
      "tr",
      { attributes: { "data-point": point.id } },
      element("th", { classes: "point", attributes: { scope: "row" } }, sign, name),
      element("td", { classes: "value" }, value, element("span", { classes: "unitText", text: unitText(point.engineering_unit) })),
      quality,
      age,
    );
    this.rows.set(point.id, { point, line, sign, value, quality, age, reported: "bad_waiting_for_initial_data" });
    return line;
  }
}
