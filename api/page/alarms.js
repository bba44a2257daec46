// The alarm list: what needs somebody, the most urgent first.

import { byId, element, setText } from "./dom.js";
import { mark } from "./marks.js";
import { acknowledge } from "./service.js";
import { duration, nameOf, numberText, say, timeOfDay, unitText } from "./texts.js";

const ROWS = 200;
const HELD_MS = 1500;
const LATE_MS = 1500;

export class AlarmList {
  constructor(desk, showTrend) {
    this.desk = desk;
    this.showTrend = showTrend;
    this.list = byId("alarms");
    this.rows = new Map();
    this.heldUntil = 0;
    this.list.addEventListener("pointerdown", () => this.#hold());
    this.list.addEventListener("click", () => this.#hold());
    this.list.addEventListener("scroll", () => this.#tellMore(), { passive: true });
    new ResizeObserver(() => this.#tellMore()).observe(this.list);
    byId("moreAlarms").onclick = () => this.list.scrollBy({ top: this.list.clientHeight * 0.8 });
  }

  // Build the list anew from what the desk knows; rows of unchanged alarms are kept, and so is the focus.
  draw({ anew = false } = {}) {
    const shown = this.desk.sortedAlarms().slice(0, ROWS);
    const kept = new Map();
    for (const alarm of this.#inPlace(shown)) {
      const known = this.rows.get(alarm.id);
      kept.set(alarm.id, known?.alarm === alarm && !anew ? known : this.#row(alarm));
    }
    this.rows = kept;
    const wanted = [...kept.values()].map((row) => row.item);
    if (wanted.length !== this.list.children.length || wanted.some((item, at) => this.list.children[at] !== item)) {
      const focused = document.activeElement?.id;
      this.list.replaceChildren(...wanted);
      if (focused) byId(focused)?.focus();
    }
    const open = this.desk.openAlarms;
    const count = shown.length < open ? say("shown", { shown: shown.length, open }) : say("open", { open });
    setText(byId("alarmCount"), open ? count : "");
    byId("noAlarms").hidden = open > 0;
    this.#tellMore();
  }

  // Ages run on by themselves.
  tick(now) {
    if (now === null) return;
    for (const { alarm, age, current } of this.rows.values()) {
      setText(age, duration((now - alarm.onset / 1e6) / 1000));
      setText(current, this.#currentText(alarm));
    }
  }

  // How many alarms stand below what the list shows without scrolling.
  #tellMore() {
    const end = this.list.getBoundingClientRect().bottom;
    const below = [...this.list.children].filter((item) => item.getBoundingClientRect().bottom > end + 4).length;
    byId("moreAlarms").hidden = below === 0;
    setText(byId("moreAlarms"), say("moreBelow", { n: below }));
  }

  #currentText(alarm) {
    const point = this.desk.points.get(alarm.point);
    if (!point || alarm.value === null) return "";
    const newest = this.desk.values.get(alarm.point);
    if (this.desk.isSilent(alarm.point)) return say("noData");
    const known = newest && !newest.quality.startsWith("bad");
    return say("currentValue", { value: known ? figureText(newest.value, point) : "—" });
  }

  // A second click must not meet another alarm than the first did: for a moment after a press every row
  // stays where it is, also that of an alarm which is over, and new alarms are put below.
  #hold() {
    this.heldUntil = performance.now() + HELD_MS;
    clearTimeout(this.release);
    this.release = setTimeout(() => this.draw(), HELD_MS + 20);
  }

  #inPlace(sorted) {
    if (performance.now() >= this.heldUntil) return sorted;
    const placed = [...this.rows.values()].map(({ alarm }) => this.desk.alarms.get(alarm.id) ?? alarm);
    return [...placed, ...sorted.filter((alarm) => !this.rows.has(alarm.id))];
  }

  #row(alarm) {
    const age = element("span", { classes: "age" });
    const current = element("span", { classes: "figure current", text: this.#currentText(alarm) });
    const point = this.desk.points.get(alarm.point);
    const item = element(
      "li",
      { classes: `alarm ${alarm.priority} ${alarm.state}`, attributes: { "data-alarm": alarm.id } },
      mark(alarm),
      element(
        "div",
        { classes: "what" },
        element("strong", { text: nameOf(alarm) }),
        this.#pointName(alarm, point),
        element("span", { classes: "figure", text: onsetText(alarm, point) }),
        current,
        alarm.active ? null : element("span", { classes: "returned", text: returnedText(alarm) }),
        alarm.text ? element("span", { classes: "particulars", text: alarm.text }) : null,
      ),
      element(
        "div",
        { classes: "when" },
        element("span", { classes: "priority", text: say(alarm.priority) }),
        element("span", { classes: "state", text: say(alarm.state) }),
        element("span", { text: timeOfDay(alarm.onset) }),
        age,
      ),
      this.#answer(alarm),
      this.#advice(alarm),
    );
    return { alarm, item, age, current };
  }

  #pointName(alarm, point) {
    const text = point ? `${point.unit_name} · ${point.tag}` : alarm.point;
    if (!point) return element("span", { text });
    return element("button", {
      text,
      classes: "quiet",
      attributes: { type: "button", id: `trend-of-${alarm.id}` },
      on: { click: () => this.showTrend(point) },
    });
  }

  #answer(alarm) {
    const answer = alarm.acknowledged;
    if (answer) {
      const text = say("acknowledged", { by: answer.by, time: timeOfDay(answer.time) });
      return element("span", { classes: "answered", text });
    }
    const failed = element("span", { classes: "wrong", attributes: { role: "alert" } });
    const button = element("button", {
      text: say("acknowledge"),
      attributes: { type: "button", id: `acknowledge-${alarm.id}` },
      on: {
        click: async () => {
          button.disabled = true;
          setText(failed, "");
          const late = setTimeout(() => setText(failed, say("notRecordedYet")), LATE_MS);
          try {
            await acknowledge(alarm.id); // the row changes when the live link says so
            clearTimeout(late);
            setText(failed, "");
          } catch (error) {
            clearTimeout(late);
            button.disabled = false;
            setText(failed, say("acknowledgeFailed", { why: whyNot(error) }));
          }
        },
      },
    });
    return element("div", { classes: "answer" }, button, failed);
  }

  #advice(alarm) {
    if (!alarm.response && !alarm.consequence) return null;
    const line = (key) =>
      alarm[key] ? element("p", {}, element("b", { text: say(key) }), alarm[key]) : null;
    return element("div", { classes: "advice" }, line("response"), line("consequence"));
  }
}

function returnedText(alarm) {
  return say("returned", { time: timeOfDay(alarm.returned_time) });
}

function whyNot(error) {
  if (error.text) return say(error.text);
  return error.status ? say("failed", { status: error.status }) : say("serviceAway");
}

function onsetText(alarm, point) {
  return alarm.value === null ? "" : say("onsetValue", { value: figureText(alarm.value, point) });
}

function figureText(value, point) {
  return `${numberText(value)} ${unitText(point?.engineering_unit ?? "")}`.trimEnd();
}
