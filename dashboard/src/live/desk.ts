// What the screens know now: newest values, open alarms, feeds of the gateways, and how fresh all of it is.
//
// Values change thousands of times a second and are not reactive one by one: they stand in a plain map, and
// whoever shows a point is told once a frame (`live/values.ts`).

import { computed, readonly, ref, shallowRef, triggerRef } from "vue";
import { proof } from "@/service/proof";
import { LiveLink, LOST_AFTER_MS, type Alarm, type Feed, type News, type Watch } from "./link";

export interface Newest {
  gateway: string;
  /** ms UTC on the gateway's clock. */
  sourceTime: number;
  value: number | null;
  quality: string;
}

export const values = new Map<string, Newest>();
const alarmsById = shallowRef(new Map<string, Alarm>());
/** Alarms as they closed: a slower answer over HTTP does not open them again, and rows that fade tell of them. */
const closed = new Map<string, Alarm>();
const CLOSED_KEPT = 5000;
const GATHER_MS = 100;
let alarmsTold = true;
let wholeWanted = false;
const snapshotCount = ref(0);
const standing = shallowRef({ serverTime: 0, heardAt: 0, openAlarms: 0, feeds: new Map<string, Feed>() });
const begun = ref(false);
const silentMs = ref<number | null>(null);
const valueListeners = new Set<(points: Iterable<string> | null) => void>();
const newsListeners = new Set<(news: News | null, anew: boolean) => void>();
const refusalListeners = new Set<() => void>();
let link: LiveLink | null = null;
let clock: ReturnType<typeof setInterval> | undefined;

export const alarms = readonly(alarmsById) as Readonly<typeof alarmsById>;
export const openAlarms = computed(() => standing.value.openAlarms);
export const feeds = computed(() => [...standing.value.feeds.values()]);
/** Has anything arrived since the page began? */
export const isBegun = readonly(begun);
export const silentForS = computed(() => (silentMs.value === null ? null : silentMs.value / 1000));
/** Is what the screen shows of now? False before the first message too. */
export const isLive = computed(() => silentMs.value !== null && silentMs.value < LOST_AFTER_MS);

/** The service's clock now, ms UTC; the browser's own before the first message. */
export function serviceNow(): number {
  const { serverTime, heardAt } = standing.value;
  return serverTime ? serverTime + (performance.now() - heardAt) : Date.now();
}

/** Seconds since a sample was taken, on the clock of its gateway; null when unknown. */
export function ageOf(newest: Newest): number | null {
  const feed = standing.value.feeds.get(newest.gateway);
  if (!feed) return null;
  return (feed.gateway_time / 1e6 + (performance.now() - standing.value.heardAt) - newest.sourceTime) / 1000;
}

/** Told the ids whose value is new; null: all of them may be. Returns how to stop. */
export function onValues(call: (points: Iterable<string> | null) => void): () => void {
  valueListeners.add(call);
  return () => valueListeners.delete(call);
}

/**
 * Told what else has changed; null: anything may have, ask anew. `anew`: it is another connection than before,
 * and with it perhaps another service and register.
 */
export function onNews(call: (news: News | null, anew: boolean) => void): () => void {
  newsListeners.add(call);
  return () => newsListeners.delete(call);
}

export function onRefused(call: () => void): () => void {
  refusalListeners.add(call);
  return () => refusalListeners.delete(call);
}

export function connect(watch: Watch): void {
  if (link) return;
  link = new LiveLink(() => proof.key, {
    snapshot(message, anew) {
      values.clear();
      takeSnapshot(message.alarms, message.open_alarms);
      keep(message);
      takeValues(message.values);
      begun.value = true;
      valueListeners.forEach((call) => call(null));
      newsListeners.forEach((call) => call(null, anew));
    },
    delta(message) {
      keep(message);
      if (message.alarms.length) takeAlarms(message.alarms);
      const changed = takeValues(message.values);
      if (changed.length) valueListeners.forEach((call) => call(changed));
      for (const news of message.news ?? []) newsListeners.forEach((call) => call(news, false));
    },
    heartbeat: keep,
    refused() {
      disconnect();
      refusalListeners.forEach((call) => call());
    },
  });
  link.watch(watch);
  clock = setInterval(() => (silentMs.value = link?.silentFor ?? null), 250);
}

export function disconnect(): void {
  link?.end();
  link = null;
  clearInterval(clock);
  silentMs.value = null;
  begun.value = false;
  values.clear();
  alarmsById.value = new Map();
}

/** Say what the page shows. */
export function watchOnly(wanted: Watch): void {
  link?.watch(wanted);
}

function keep(message: { server_time: number; open_alarms: number; feeds: Feed[] }): void {
  silentMs.value = 0;
  standing.value = {
    serverTime: message.server_time / 1e6,
    heardAt: performance.now(),
    openAlarms: message.open_alarms,
    feeds: new Map(message.feeds.map((feed) => [feed.gateway, feed])),
  };
}

/** Alarms that came over HTTP: the answer to an action, or a page of what the snapshot had no room for. */
export function learnAlarms(read: readonly Alarm[]): void {
  takeAlarms(read.filter((alarm) => alarm.version > (closed.get(alarm.id)?.version ?? 0)));
}

/** An alarm as it is now, also when it has just closed; undefined: nothing is known of it any more. */
export const alarmNow = (id: string): Alarm | undefined => alarmsById.value.get(id) ?? closed.get(id);

/** How many snapshots have come: after each, what was read over HTTP has to be read again. */
export const snapshots = readonly(snapshotCount);

/** All open alarms are wanted, more than a snapshot carries: what is known beyond it is kept until read anew. */
export function wantAllAlarms(wanted: boolean): void {
  wholeWanted = wanted;
}

/** Alarms that are known not to be open any more. */
export function forgetAlarms(ids: Iterable<string>): void {
  for (const id of ids) alarmsById.value.delete(id);
  tellAlarms();
}

function takeSnapshot(carried: readonly Alarm[], open: number): void {
  const fresh = carried.map((alarm) => [alarm.id, alarm] as const);
  const kept = wholeWanted && open > carried.length ? alarmsById.value : [];
  alarmsById.value = new Map([...kept, ...fresh]);
  snapshotCount.value += 1;
}

function takeAlarms(changed: readonly Alarm[]): void {
  const known = alarmsById.value;
  for (const alarm of changed) {
    if (alarm.version < (known.get(alarm.id)?.version ?? 0)) continue;
    if (alarm.state === "NORM") {
      known.delete(alarm.id);
      closed.set(alarm.id, alarm);
    } else known.set(alarm.id, alarm);
  }
  for (const id of closed.keys()) {
    if (closed.size <= CLOSED_KEPT) break;
    closed.delete(id);
  }
  tellAlarms();
}

/** A burst of a thousand alarms comes in hundreds of messages: what shows them is drawn once a frame. */
function tellAlarms(): void {
  if (!alarmsTold) return;
  alarmsTold = false;
  const tell = (): void => {
    if (alarmsTold) return;
    alarmsTold = true;
    triggerRef(alarmsById);
  };
  requestAnimationFrame(tell);
  setTimeout(tell, GATHER_MS); // a page that is not seen has no frames, and its horn has to sound all the same
}

function takeValues(
  groups: { gateway: string; rows: readonly (readonly [string, number, number | null, string])[] }[],
): string[] {
  const changed: string[] = [];
  for (const { gateway, rows } of groups) {
    for (const [point, sourceTime, value, quality] of rows) {
      values.set(point, { gateway, sourceTime: sourceTime / 1e6, value, quality });
      changed.push(point);
    }
  }
  return changed;
}
