// What the page knows now: points, newest values, open alarms, and how the gateways' feeds are doing.

const SILENT_AFTER_PERIODS = 10;
const SILENT_AFTER_S = 60; // an instrument's clock may be wrong by less

export class Desk {
  constructor(points) {
    this.points = new Map(points.map((point) => [point.id, point]));
    this.values = new Map();
    this.alarms = new Map();
    this.feeds = new Map();
    this.openAlarms = 0;
  }

  begin(snapshot) {
    this.values.clear();
    this.alarms.clear();
    this.add(snapshot);
  }

  // Take a message; returns the ids of the points whose value is new.
  add(message) {
    this.openAlarms = message.open_alarms;
    this.heardAt = performance.now();
    this.feeds = new Map(message.feeds.map((feed) => [feed.gateway, feed]));
    for (const alarm of message.alarms ?? []) {
      if (alarm.state === "NORM") this.alarms.delete(alarm.id);
      else this.alarms.set(alarm.id, alarm);
    }
    const changed = [];
    for (const group of message.values ?? []) {
      for (const [point, sourceTime, value, quality] of group.rows) {
        this.values.set(point, { gateway: group.gateway, sourceTime: sourceTime / 1e6, value, quality });
        changed.push(point);
      }
    }
    return changed;
  }

  // Seconds since the sample was taken, on the clock of its gateway.
  ageOf(newest) {
    const feed = this.feeds.get(newest.gateway);
    if (!feed) return null;
    return (feed.gateway_time / 1e6 + this.#since() - newest.sourceTime) / 1000;
  }

  silentFeeds() {
    return [...this.feeds.values()]
      .map((feed) => ({ gateway: feed.gateway, silent: feed.silent, seconds: feed.heard_ago_s + this.#since() / 1000 }))
      .filter((feed) => feed.silent);
  }

  // Most urgent first: priority, then what nobody has answered, then what is still true, then the newest.
  sortedAlarms() {
    const answered = (alarm) => (alarm.acknowledged ? 1 : 0);
    const priority = { CRITICAL: 0, HIGH: 1, MEDIUM: 2, LOW: 3 };
    return [...this.alarms.values()].sort(
      (a, b) => priority[a.priority] - priority[b.priority] || answered(a) - answered(b) || b.active - a.active || b.onset - a.onset,
    );
  }

  // The most urgent alarm of each point that has one; what is over comes after everything that is true.
  alarmOfPoint() {
    const worst = new Map();
    for (const alarm of this.sortedAlarms().sort((a, b) => b.active - a.active)) {
      if (!worst.has(alarm.point)) worst.set(alarm.point, alarm);
    }
    return worst;
  }

  // Is the newest value of a point so old that it says nothing of now?
  isSilent(id) {
    const newest = this.values.get(id);
    const age = newest ? this.ageOf(newest) : null;
    return age !== null && age > Math.max(SILENT_AFTER_S, SILENT_AFTER_PERIODS * this.points.get(id).period_s);
  }

  // The points of which an alarm says that they send nothing.
  silentPoints() {
    const stale = [...this.alarms.values()].filter((alarm) => alarm.active && alarm.rule.endsWith("/STALE"));
    return new Set(stale.map((alarm) => alarm.point));
  }

  #since() {
    return performance.now() - this.heardAt;
  }
}
