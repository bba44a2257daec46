// When the alarms of a point changed, for a trend: what is kept of them, with the journal of the newest.

import { toValue, type MaybeRefOrGetter } from "vue";
import { alarms as live } from "@/live/desk";
import { useAsked } from "@/service/asking";
import { answer, client, type Schemas } from "@/service/client";
import type { Point } from "../register";
import { nsOf } from "./history";
import type { Span } from "./span";

export type Episode = Schemas["AlarmView"];
type WithJournal = Schemas["AlarmWithHistory"];
export type HappeningKind = "onset" | "again" | "returned" | "acknowledged" | "reset";
export interface Happening {
  kind: HappeningKind;
  /** s UTC */
  time: number;
  alarm: Episode;
}

const MOST_ALARMS = 60;
const MOST_JOURNALS = 12;
/** Alarms that began before what is shown may end in it. */
const BEFORE_S = 86_400;
const KINDS: Partial<Record<Schemas["EntryView"]["kind"], HappeningKind>> = {
  raised: "onset",
  raised_again: "again",
  re_alarmed: "again",
  returned_to_normal: "returned",
  acknowledged: "acknowledged",
};

/** From the journal when there is one, else from what stands in the alarm. */
export function happeningsOf(alarm: Episode | WithJournal): Happening[] {
  const at = (kind: HappeningKind, ns: number | null | undefined): Happening[] =>
    ns ? [{ kind, time: ns / 1e9, alarm }] : [];
  if ("history" in alarm && alarm.history.length) {
    return alarm.history.flatMap((entry) => {
      const kind = KINDS[entry.kind];
      return kind ? at(kind, entry.source_time ?? entry.time) : [];
    });
  }
  return [
    ...at("onset", alarm.onset),
    ...at("acknowledged", alarm.acknowledged?.time),
    ...at("returned", alarm.returned_time),
  ];
}

async function askEpisodes(
  ids: readonly string[],
  from: number,
  to: number,
): Promise<(Episode | WithJournal)[]> {
  const pages = await Promise.all(
    ids.map((point) => {
      const query = { point, since: nsOf(Math.max(0, from - BEFORE_S)), until: nsOf(to), limit: MOST_ALARMS };
      return answer(client.GET("/alarms", { params: { query } }));
    }),
  );
  const found = pages
    .flatMap((page) => page.alarms)
    .filter((alarm) => !alarm.returned_time || alarm.returned_time / 1e9 >= from);
  found.sort((a, b) => b.onset - a.onset);
  const journals = await Promise.all(
    found
      .slice(0, MOST_JOURNALS)
      .map((alarm) => answer(client.GET("/alarms/{alarm_id}", { params: { path: { alarm_id: alarm.id } } }))),
  );
  return [...journals, ...found.slice(MOST_JOURNALS)];
}

export function useEpisodes(points: MaybeRefOrGetter<readonly Point[]>, span: Span) {
  const ids = () => toValue(points).map((point) => point.id);
  const versions = () =>
    [...live.value.values()]
      .filter((alarm) => ids().includes(alarm.point))
      .map((alarm) => `${alarm.id}:${alarm.version}`)
      .join();
  return useAsked(
    () => ["alarms", "of-points", ids().join(), span.asked.value.key, versions()],
    () => askEpisodes(ids(), span.asked.value.from, span.asked.value.to),
    { keep: true, when: () => ids().length > 0 },
  );
}
