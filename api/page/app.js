// Composes the page: key → register → live link → tables, list and trend.

import { AlarmList } from "./alarms.js";
import { Desk } from "./desk.js";
import { byId, setText } from "./dom.js";
import { LiveLink } from "./live.js";
import { allPoints, forgetKey, keepKey, me, takeKey } from "./service.js";
import { fillTexts, say, switchLanguage, timeOfDay } from "./texts.js";
import { TrendPanel } from "./trend.js";
import { ValueTables } from "./values.js";

const AGAIN_MS = 2000;
let shown = null;
const trend = new TrendPanel(() => shown?.link.now ?? null);

function askForKey(error) {
  byId("desk").hidden = true;
  byId("login").hidden = false;
  tellPerson(null);
  setText(byId("loginError"), error ? say(error) : "");
  byId("key").focus();
}

byId("login").addEventListener("submit", (event) => {
  event.preventDefault();
  keepKey(byId("key").value.trim());
  byId("key").value = "";
  begin();
});

// Loading anew leaves nothing of the person behind, neither in memory nor on the screen.
byId("signOut").addEventListener("click", () => {
  forgetKey();
  location.reload();
});

byId("language").addEventListener("click", () => {
  switchLanguage();
  relabel();
});

addEventListener("hashchange", () => {
  if (new URLSearchParams(location.hash.slice(1)).get("key")) begin();
});

function relabel() {
  fillTexts();
  setText(byId("language"), say("other"));
  tellPerson(shown?.person ?? null);
  shown?.values.build();
  shown?.alarms.draw({ anew: true });
  trend.relabel();
  tick();
}

async function begin() {
  const key = takeKey();
  if (!key) return askForKey();
  shown?.link.end();
  shown = null;
  setText(byId("link"), say("connecting"));
  try {
    const [person, points] = await Promise.all([me(), allPoints()]);
    byId("login").hidden = true;
    byId("desk").hidden = false;
    shown = compose(key, points);
    shown.person = person;
    tellPerson(person);
  } catch (error) {
    if (error.status === 401) return refused();
    byId("link").className = "link lost";
    setText(byId("link"), say("failed", { status: error.status ?? error.message }));
    setTimeout(begin, AGAIN_MS);
  }
  return undefined;
}

// Whose name will stand beside an acknowledgement.
function tellPerson(person) {
  const text = !person || person.roles.includes("operator") ? person?.name : say("viewOnly", person);
  setText(byId("person"), text ?? "");
  byId("signOut").hidden = person === null;
}

function refused() {
  forgetKey();
  shown = null;
  askForKey("keyRefused");
}

function compose(key, points) {
  const desk = new Desk(points);
  const parts = { desk };
  const showTrend = (point) => trend.choose(point);
  parts.values = new ValueTables(desk, showTrend);
  parts.alarms = new AlarmList(desk, showTrend);
  parts.link = new LiveLink(key, {
    refused,
    tick,
    snapshot: (message) => {
      desk.begin(message);
      parts.values.build();
      parts.alarms.draw({ anew: true });
      suggestTrend(desk);
      tick();
    },
    delta: (message) => {
      parts.values.update(desk.add(message));
      if (!message.alarms.length) return;
      parts.alarms.draw();
      parts.values.markAlarms();
      parts.alarms.tick(parts.link.now);
      suggestTrend(desk);
      askForTheRest(parts);
    },
    heartbeat: (message) => {
      desk.add(message);
      parts.alarms.draw();
    },
  });
  return parts;
}

// Where there is room beside the list, a trend is there from the beginning: of the most urgent alarm's
// point, or of the first one.
function suggestTrend(desk) {
  if (!matchMedia("(min-width: 60rem)").matches) return;
  const alarm = desk.sortedAlarms().find((candidate) => desk.points.has(candidate.point));
  const point = alarm ? desk.points.get(alarm.point) : desk.points.values().next().value;
  if (point) trend.suggest(point);
}

// A snapshot is limited to the most urgent alarms: when most of them are dealt with, ask for the others.
function askForTheRest({ desk, link }) {
  if (desk.alarms.size < desk.openAlarms && desk.alarms.size < 100) link.resync();
}

function tick() {
  if (!shown) return;
  const { link, desk } = shown;
  const state = byId("link");
  if (link.alive) {
    state.className = "link";
    setText(state, say("connected"));
    setText(byId("clock"), timeOfDay(link.now * 1e6));
  } else if (link.silentFor !== null) {
    state.className = "link lost";
    setText(state, say("lost", { seconds: Math.floor(link.silentFor / 1000) }));
  }
  document.body.classList.toggle("notLive", !link.alive);
  tellTrouble(link, desk);
  shown.values.tick();
  shown.alarms.tick(link.now);
  trend.tick();
}

function tellTrouble(link, desk) {
  let text = "";
  if (link.silentFor !== null && !link.alive) text = say("lostNotice", { time: timeOfDay(link.serverTime * 1e6) });
  else if (link.alive && desk.feeds.size === 0) text = say("noGateway");
  else if (link.alive) {
    text = desk.silentFeeds().map((feed) => say("silent", { gateway: feed.gateway, seconds: Math.floor(feed.seconds) })).join(" ");
  }
  byId("notice").hidden = text === "";
  setText(byId("notice"), text);
}

relabel();
begin();
