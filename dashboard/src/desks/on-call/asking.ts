// What a person on call has to know of himself: his receiver, his turns, who calls him, what colleagues ask; and
// what he does about an alarm.

import { computed, shallowRef } from "vue";
import { now } from "@/live/ages";
import { shownAlarms } from "@/live/alarmList";
import { alarms } from "@/live/desk";
import type { Alarm } from "@/live/link";
import { answer, client } from "@/service/client";
import { may, person, session } from "@/service/session";
import { useAction, useAsked } from "@/service/asking";
import { nanos } from "@/words/format";
import { standing, turnsOf, type Turn } from "./turns";

const DAY_NS = 86_400e9;
const BACK_NS = 7 * DAY_NS;
const AHEAD_NS = 14 * DAY_NS;
/** For a turn that goes on at the end of that; a schedule holds 400 days at most. */
const FAR_AHEAD_NS = 366 * DAY_NS;
const HOUR_MS = 3_600_000;

async function turnsWithin(rota: string, receiver: string, aheadNs: number): Promise<Turn[]> {
  // A round beginning, so that a turn that runs is seen from its start.
  const from = nanos(Math.floor(Date.now() / HOUR_MS) * HOUR_MS) - BACK_NS;
  const to = from + BACK_NS + aheadNs;
  const params = { path: { rota_id: rota }, query: { from, to } };
  const schedule = await answer(client.GET("/rotas/{rota_id}/schedule", { params }));
  return turnsOf(rota, schedule.spans, receiver, to);
}

/** His turns with their real ends: one that the two weeks cut is looked at for a year. */
async function turnsIn(rota: string, receiver: string): Promise<Turn[]> {
  const near = await turnsWithin(rota, receiver, AHEAD_NS);
  return near.some((turn) => turn.lasting) ? turnsWithin(rota, receiver, FAR_AHEAD_NS) : near;
}

export function useMyDuty() {
  const receivers = useAsked(
    () => ["receivers", "all"],
    async () => (await answer(client.GET("/receivers", { params: { query: { limit: 200 } } }))).receivers,
    { when: () => may("receiver.read") },
  );
  const me = computed(() => receivers.data.value?.find((one) => one.login === session.person?.name) ?? null);
  const nameOfReceiver = (id: string): string =>
    receivers.data.value?.find((one) => one.id === id)?.name ?? id;

  const rotas = useAsked(
    () => ["rotas", "all"],
    async () => (await answer(client.GET("/rotas"))).rotas,
    { when: () => may("rota.read") },
  );
  const rotaIds = computed(() => rotas.data.value?.map((rota) => rota.id) ?? []);

  const turns = useAsked(
    () => ["rotas", "mine", rotaIds.value, me.value?.id ?? ""],
    async () => {
      const found = rotaIds.value.map((rota) => turnsIn(rota, me.value?.id ?? ""));
      return (await Promise.all(found)).flat();
    },
    { when: () => me.value !== null && rotaIds.value.length > 0, everyS: 300 },
  );
  const duty = computed(() => standing(turns.data.value ?? [], nanos(now())));

  const swaps = useAsked(
    () => ["rotas", "swaps", rotaIds.value],
    async () => {
      const found = rotaIds.value.map(async (rota) => {
        const page = await answer(
          client.GET("/rotas/{rota_id}/swaps", { params: { path: { rota_id: rota } } }),
        );
        return page.swaps.filter((swap) => swap.state === "offered").map((swap) => ({ ...swap, rota }));
      });
      return (await Promise.all(found)).flat();
    },
    { when: () => rotaIds.value.length > 0, everyS: 60 },
  );
  const mySwaps = computed(() =>
    (swaps.data.value ?? []).filter((s) => [s.offered_to, s.offered_by].includes(me.value?.id ?? "")),
  );

  const calls = useAsked(
    () => ["call-ups", "me", me.value?.id ?? ""],
    async () => {
      const query = {
        receiver: me.value?.id ?? "",
        state: ["calling" as const, "not_woken" as const],
        limit: 20,
      };
      return (await answer(client.GET("/call-ups", { params: { query } }))).call_ups;
    },
    { when: () => me.value !== null && may("call_up.read"), everyS: 15 },
  );
  const myCalls = computed(() =>
    (calls.data.value ?? []).filter((call) => !call.answer && !call.taken_over_by),
  );

  return { receivers, me, nameOfReceiver, duty, mySwaps, calls, myCalls };
}

/** What this person has taken on and is not over. */
export const takenAlarms = computed(() =>
  shownAlarms.value.filter((alarm) => alarm.acknowledged && alarm.acknowledged.by === person.value?.name),
);

/** The alarm that somebody is called for: live, or asked for where the link does not carry it. */
export function useCalledAlarm(id: () => string | null) {
  const live = computed(() => alarms.value.get(id() ?? "") ?? null);
  const { data } = useAsked(
    () => ["alarms", "called", id()],
    () => answer(client.GET("/alarms/{alarm_id}", { params: { path: { alarm_id: id() ?? "" } } })),
    { when: () => id() !== null && live.value === null },
  );
  return (): Alarm | null => live.value ?? data.value ?? null;
}

/** Takes an alarm on. `newest` is what is known of it: the answer may be here before the live link tells of it. */
export function useAcknowledging(alarm: () => Alarm | null) {
  const after = shallowRef<Alarm | null>(null);
  const { run, problem, busy } = useAction(
    (id: string) =>
      answer(
        client.POST("/alarms/{alarm_id}/acknowledge", {
          params: { path: { alarm_id: id } },
          body: { comment: "" },
        }),
      ),
    ["alarms"],
  );
  const newest = computed(() => {
    const [known, answered] = [alarm(), after.value];
    return answered && (!known || answered.version > known.version) ? answered : known;
  });
  return {
    acknowledge: async (id: string) => void (after.value = (await run(id)) ?? after.value),
    problem,
    busy,
    newest,
  };
}
