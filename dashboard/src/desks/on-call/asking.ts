// What a person on call has to know of himself: his receiver, his turns, who calls him, what colleagues ask.

import { computed } from "vue";
import { now } from "@/live/ages";
import { answer, client } from "@/service/client";
import { may, session } from "@/service/session";
import { useAsked } from "@/service/asking";
import { nanos } from "@/words/format";
import { standing, turnsOf } from "./turns";

const DAY_NS = 86_400e9;
const AHEAD_NS = 14 * DAY_NS;
const HOUR_MS = 3_600_000;

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
      // A round beginning, so that a turn that runs is seen from its start.
      const from = nanos(Math.floor(Date.now() / HOUR_MS) * HOUR_MS) - 7 * DAY_NS;
      const found = rotaIds.value.map(async (rota) => {
        const query = { from, to: from + 7 * DAY_NS + AHEAD_NS };
        const path = { rota_id: rota };
        const schedule = await answer(client.GET("/rotas/{rota_id}/schedule", { params: { path, query } }));
        return turnsOf(rota, schedule.spans, me.value?.id ?? "");
      });
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
