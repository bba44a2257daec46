// Names of enterprises and receivers: what the service gives as ids, people know by name.

import { usePlaceTree } from "@/service/places";
import { computed } from "vue";
import { useAsked } from "@/service/asking";
import { answer, client, type Schemas } from "@/service/client";
import { may } from "@/service/session";
import { nameOf } from "@/words/language";
import { everyPage } from "./pages";

export type Receiver = Schemas["ReceiverView"];

/** The enterprises in sight, in the register's order. */
export function useEnterprises() {
  const { data, query } = usePlaceTree();
  const enterprises = computed(() => data.value?.enterprises ?? []);
  const byId = computed(() => new Map(enterprises.value.map((one) => [one.id, one.name])));
  return { enterprises, query, enterpriseName: (id: string): string => byId.value.get(id) ?? id };
}

/** Who can be told and called, in sight. */
export function useReceivers() {
  const { data, query } = useAsked(
    () => ["receivers", "all"],
    () =>
      everyPage(
        (after) => answer(client.GET("/receivers", { params: { query: { after, limit: 500 } } })),
        (page) => page.receivers,
      ),
    { when: () => may("receiver.read") },
  );
  const receivers = computed(() => data.value ?? []);
  const byId = computed(() => new Map(receivers.value.map((one) => [one.id, one])));
  return {
    receivers,
    query,
    receiverName: (id: string): string => {
      const known = byId.value.get(id);
      return known ? nameOf(known) : id;
    },
  };
}
