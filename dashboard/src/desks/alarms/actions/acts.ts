// What a person does to alarms: each act once, with the version that was seen, and its answer at the place.

import { computed, reactive, ref } from "vue";
import { learnAlarms } from "@/live/desk";
import type { Alarm } from "@/live/link";
import { queries } from "@/service/asking";
import { answer, client, type Schemas } from "@/service/client";
import { asProblem, type Problem } from "@/service/problem";
import { may } from "@/service/session";
import { person } from "@/service/session";

export type Act =
  "acknowledge" | "confirm" | "shelve" | "unshelve" | "remove" | "return" | "reset" | "agree" | "refuse";
export interface Span {
  reason: string;
  forS: number;
  oneShot: boolean;
}
export type PutAside = Schemas["PutAsideView"];
export type Answer = Schemas["AnswerList"]["answers"][number];

const waiting = reactive(new Set<string>());
const TOPICS = ["alarms", "holds", "horns", "escalation"];

/** Is this act of this subject on its way? Then its button rests: a second press does nothing twice. */
export const isWaiting = (act: string, id: string): boolean => waiting.has(`${act}:${id}`);

/** Do this once at a time for each subject; undefined when it is already on its way. */
async function once<T>(act: string, id: string, work: () => Promise<T>): Promise<T | undefined> {
  const key = `${act}:${id}`;
  if (waiting.has(key)) return undefined;
  waiting.add(key);
  try {
    return await work();
  } finally {
    waiting.delete(key);
    for (const topic of TOPICS) void queries.invalidateQueries({ queryKey: [topic] });
  }
}

const at = (alarm: Alarm) => ({
  path: { alarm_id: alarm.id },
  header: { "If-Match": String(alarm.version) },
});

export const acts = {
  acknowledge: (alarm: Alarm, comment = "") =>
    once("acknowledge", alarm.id, async () =>
      learn(
        await answer(client.POST("/alarms/{alarm_id}/acknowledge", { params: at(alarm), body: { comment } })),
      ),
    ),
  acknowledgeMany: (alarms: readonly Alarm[], comment: string) =>
    once("acknowledge", "many", async () => {
      const body = { ids: alarms.map((alarm) => alarm.id), comment };
      return (await answer(client.POST("/alarms/acknowledge", { body }))).answers;
    }),
  confirm: (alarm: Alarm, comment: string) =>
    once("confirm", alarm.id, async () =>
      learn(
        await answer(client.POST("/alarms/{alarm_id}/confirm", { params: at(alarm), body: { comment } })),
      ),
    ),
  reset: (alarm: Alarm, comment = "") =>
    once("reset", alarm.id, async () =>
      learn(await answer(client.POST("/alarms/{alarm_id}/reset", { params: at(alarm), body: { comment } }))),
    ),
  shelve: (alarm: Alarm, { reason, forS, oneShot }: Span) =>
    once("shelve", alarm.id, async () => {
      const body = { reason, for_s: forS, one_shot: oneShot };
      return taken(await answer(client.POST("/alarms/{alarm_id}/shelve", { params: at(alarm), body })));
    }),
  remove: (alarm: Alarm, { reason, forS }: Span) =>
    once("remove", alarm.id, async () => {
      const body = { reason, for_s: forS };
      return taken(
        await answer(client.POST("/alarms/{alarm_id}/remove-from-service", { params: at(alarm), body })),
      );
    }),
  unshelve: (alarm: Alarm, comment = "") =>
    once("unshelve", alarm.id, async () =>
      learn(
        await answer(client.POST("/alarms/{alarm_id}/unshelve", { params: at(alarm), body: { comment } })),
      ),
    ),
  return: (alarm: Alarm, comment = "") =>
    once("return", alarm.id, async () =>
      learn(
        await answer(
          client.POST("/alarms/{alarm_id}/return-to-service", { params: at(alarm), body: { comment } }),
        ),
      ),
    ),
  agree: (proposal: string) =>
    once("agree", proposal, () =>
      answer(client.POST("/proposals/{proposal_id}/agree", { params: { path: { proposal_id: proposal } } })),
    ),
  refuse: (proposal: string, comment = "") =>
    once("refuse", proposal, () =>
      answer(
        client.POST("/proposals/{proposal_id}/refuse", {
          params: { path: { proposal_id: proposal } },
          body: { comment },
        }),
      ),
    ),
  endHold: (hold: string, comment = "") =>
    once("end", hold, () =>
      answer(client.POST("/holds/{hold_id}/end", { params: { path: { hold_id: hold } }, body: { comment } })),
    ),
  plan: (body: Schemas["HoldBody"]) =>
    once("plan", `${body.point} ${body.rule}`, () => answer(client.POST("/holds", { body }))),
};

function learn(alarm: Alarm): Alarm {
  learnAlarms([alarm]);
  return alarm;
}

function taken(result: PutAside): PutAside {
  if (result.alarm) learnAlarms([result.alarm]);
  return result;
}

/** What may be done to an alarm now, as far as its facts and one's rights say; the service has the last word. */
export function allowed(alarm: Alarm): Act[] {
  const can: [Act, boolean][] = [
    ["acknowledge", may("alarm.acknowledge") && alarm.acknowledged === null && alarm.state !== "NORM"],
    ["confirm", may("alarm.confirm") && alarm.acknowledged !== null && alarm.confirmed === null],
    // A latch is reset when its condition is over: while it goes on, there is nothing to be reset.
    ["reset", may("alarm.reset") && alarm.latch_holds && alarm.acknowledged !== null],
    ["shelve", may("alarm.shelve") && alarm.state !== "NORM" && !alarm.shelved && !alarm.proposed],
    ["unshelve", may("alarm.shelve") && alarm.shelved !== null],
    [
      "remove",
      may("alarm.remove_from_service") && alarm.state !== "NORM" && !alarm.out_of_service && !alarm.proposed,
    ],
    ["return", may("alarm.remove_from_service") && alarm.out_of_service !== null],
    ["agree", may("alarm.agree") && alarm.proposed !== null && alarm.proposed.by !== person.value?.name],
    ["refuse", may("alarm.agree") && alarm.proposed !== null],
  ];
  return can.filter(([, ok]) => ok).map(([act]) => act);
}

/** An act with its outcome beside it, for a dialog or a row. */
export function useOutcome() {
  const problem = ref<Problem | null>(null);
  const busy = ref(false);
  return {
    problem,
    busy: computed(() => busy.value),
    /** Undefined when it was refused, `problem` says why; or when it was already on its way. */
    async run<T>(work: () => Promise<T | undefined>): Promise<T | undefined> {
      if (busy.value) return undefined;
      problem.value = null;
      busy.value = true;
      try {
        return await work();
      } catch (error) {
        problem.value = asProblem(error);
        return undefined;
      } finally {
        busy.value = false;
      }
    },
  };
}
