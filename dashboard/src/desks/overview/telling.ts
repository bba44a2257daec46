// The forecast of a shown point, made anew every few seconds. Where the gateway's own detector has told a
// time to the limit, that figure stands: it is what the alarm says.

import {
  computed,
  onScopeDispose,
  shallowRef,
  toValue,
  watch,
  type MaybeRefOrGetter,
  type ShallowRef,
} from "vue";
import { shownAdvisories, shownAlarms } from "@/live/alarmList";
import { tick } from "@/live/ages";
import { serviceNow } from "@/live/desk";
import type { Alarm } from "@/live/link";
import { readingNow } from "@/live/readings";
import { isGas } from "./arrangement";
import { forecast, leftOf, windowOf, type Forecast, type LimitName, type Told } from "./forecast";
import type { Point } from "./register";
import type { Row } from "./course";
import { useRecent } from "./recent";

export interface Telling extends Omit<Forecast, "why"> {
  why: Forecast["why"] | "gas";
  /** Reckoned by the gateway's detector; else by this page. */
  byGateway: boolean;
}

const EVERY_S = 3;
/** Rules of this kind have their limit at the end of their name: `TK101.LT01.TO_HH`. */
const TO_LIMIT = /\bTO_(LL|L|HH|H)$/;

/** Gas does not rise in lines: a leak is there or not. */
export function toldBy(alarm: Pick<Alarm, "active" | "rule" | "figure" | "onset">): Told | null {
  const limit = TO_LIMIT.exec(alarm.rule)?.[1];
  if (!alarm.active || !limit || alarm.figure === null) return null;
  return { limit: limit as LimitName, onset: alarm.onset / 1e9, figure: alarm.figure };
}

/** What the gateway has told replaces what the page reckons for the same limit. */
export function withTold(
  own: Forecast,
  told: readonly Told[],
  limits: Point["limits"],
  now: number,
): Telling {
  const ahead = [...own.ahead];
  let byGateway = false;
  for (const one of told) {
    const left = leftOf(one, now);
    const setpoint = one.limit ? limits[one.limit] : null;
    if (left === null || one.limit === null || setpoint === null) continue;
    const at = ahead.findIndex((mine) => mine.limit === one.limit);
    const item = { limit: one.limit, setpoint, seconds: left };
    if (at < 0) ahead.push(item);
    else ahead[at] = item;
    byGateway = true;
  }
  ahead.sort((a, b) => a.seconds - b.seconds);
  return { line: own.line, ahead, why: ahead.length ? null : own.why, byGateway };
}

const toldOfPoint = computed(() => {
  const found = new Map<string, Told[]>();
  for (const alarm of [...shownAlarms.value, ...shownAdvisories.value]) {
    const told = toldBy(alarm);
    if (told) found.set(alarm.point, [...(found.get(alarm.point) ?? []), told]);
  }
  return found;
});

const goodOf = (rows: readonly Row[], from: number) =>
  rows.flatMap(({ time, value, quality }) =>
    time >= from && quality === "good" && value !== null ? [{ time, value }] : [],
  );

export function tellingOf(point: Point, rows: readonly Row[]): Telling {
  if (isGas(point)) return { line: null, ahead: [], why: "gas", byGateway: false };
  const newest = rows.at(-1)?.time ?? 0;
  const samples = goodOf(rows, newest - windowOf(point.period_s));
  const own = forecast(
    samples,
    { periodS: point.period_s, span: point.range_high - point.range_low, limits: point.limits },
    readingNow(point),
  );
  return withTold(own, toldOfPoint.value.get(point.id) ?? [], point.limits, serviceNow() / 1000);
}

/** Changes every few seconds while the point is shown. */
export function useTelling(point: MaybeRefOrGetter<Point>): Readonly<ShallowRef<Telling | null>> {
  const recent = useRecent(() => toValue(point).id);
  const telling = shallowRef<Telling | null>(null);
  // Not all points of a page in the same second.
  const turn = [...toValue(point).id].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % EVERY_S;
  const stop = watch(
    [tick, () => recent.now().history, () => toldOfPoint.value.get(toValue(point).id)],
    ([now], before) => {
      if (before.length && now !== before[0] && now % EVERY_S !== turn && telling.value) return;
      telling.value = tellingOf(toValue(point), recent.now().rows);
    },
    { immediate: true },
  );
  onScopeDispose(stop);
  return telling;
}
