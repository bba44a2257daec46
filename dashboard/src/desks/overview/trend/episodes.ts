// When the rules of a point were true, for a trend.

import { toValue, type MaybeRefOrGetter } from "vue";
import type { Lane } from "@/design/trendLanes";
import { alarms as live } from "@/live/desk";
import { useAsked } from "@/service/asking";
import { answer, client } from "@/service/client";
import { nameOf } from "@/words/language";
import type { Point } from "../register";
import { nsOf } from "./asking";
import { spansOf, type Episode, type WithJournal } from "./journal";
import type { Span } from "./span";

const MOST_ALARMS = 200;
/** So many of the newest are drawn from their journals, which know each time that they came back. */
const MOST_JOURNALS = 12;
/** Alarms that began before what is shown may end in it. */
const BEFORE_S = 86_400;
const MOST_LANES = 6;
const URGENCY = { CRITICAL: 0, HIGH: 1, MEDIUM: 2, LOW: 3 } as const;

async function askEpisodes(
  ids: readonly string[],
  from: number,
  to: number,
): Promise<(Episode | WithJournal)[]> {
  const pages = await Promise.all(
    ids.map((point) => {
      const since = nsOf(Math.max(0, from - BEFORE_S));
      const query = { point, since, until: nsOf(to), limit: MOST_ALARMS };
      return answer(client.GET("/alarms", { params: { query } }));
    }),
  );
  const found = pages
    .flatMap((page) => page.alarms)
    .filter((alarm) => !alarm.returned_time || alarm.returned_time / 1e9 >= from)
    .sort((a, b) => b.onset - a.onset);
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

/** One lane a rule, the most urgent first, with the name that its alarms have for the reader. */
export function lanesOf(episodes: readonly (Episode | WithJournal)[], withTags: boolean): Lane[] {
  const rules = new Map<string, (Episode | WithJournal)[]>();
  for (const one of episodes) rules.set(one.rule, [...(rules.get(one.rule) ?? []), one]);
  return [...rules.values()]
    .sort((a, b) => (a[0] && b[0] ? URGENCY[a[0].priority] - URGENCY[b[0].priority] : 0))
    .slice(0, MOST_LANES)
    .flatMap((of) => {
      const first = of[0];
      if (!first) return [];
      const tag = first.point.slice(first.point.indexOf("/") + 1);
      return [
        {
          label: withTags ? `${tag} ${nameOf(first)}` : nameOf(first),
          colour: first.priority.toLowerCase() as Lane["colour"],
          spans: of.flatMap(spansOf),
        },
      ];
    });
}
