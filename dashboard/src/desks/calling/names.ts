// Names of channels by their ids, and of receivers, as messages and lists show them.

import { computed } from "vue";
import { answer, client, type Schemas } from "@/service/client";
import { useAsked } from "@/service/asking";
import { useEnterprises } from "@/desks/duty/names";
import { may } from "@/service/session";
import { defineWords, language, nameOf } from "@/words/language";
import { words } from "./words";

export { useReceivers, type Receiver } from "@/desks/duty/names";
const kept = defineWords({ zh: { inSandbox: "已存入沙箱" }, en: { inSandbox: "Kept in the sandbox" } });
const MOST_ROTAS = 200;
export type Channel = Schemas["ChannelView"];

/** Whose a receiver or a rota is, by name: an enterprise, or the bureau. */
export function useOwner() {
  const { enterpriseName } = useEnterprises();
  return (enterprise: string): string => (enterprise ? enterpriseName(enterprise) : words.value.bureau);
}

/** What people call a rota; its id where nobody may know. */
export function useRotaName() {
  const { data } = useAsked(
    ["rotas", "all"],
    () => answer(client.GET("/rotas", { params: { query: { limit: MOST_ROTAS } } })),
    { when: () => may("rota.read") },
  );
  const names = computed(
    () =>
      new Map(
        (data.value?.rotas ?? []).map(({ id, definition }) => [
          id,
          nameOf({ name: definition.name, name_en: definition.name_en ?? "" }),
        ]),
      ),
  );
  return (id: string): string => names.value.get(id) ?? id;
}

export function useChannels() {
  const { data } = useAsked(["channels"], () => answer(client.GET("/notify/channels")));
  const byName = computed(() => new Map((data.value ?? []).map((each) => [each.channel, each])));
  return {
    channels: computed(() => data.value ?? []),
    channelName(name: string): string {
      const found = byName.value.get(name);
      return found ? (language.value === "en" && found.name_en) || found.name : name;
    },
    /** What became of a message, in the words of the page: nothing that stays in the sandbox is called sent. */
    stateName(
      message: Pick<Schemas["OutboxMessage"], "channel" | "state">,
      names: Record<Schemas["OutboxMessage"]["state"], string> = words.value.state,
    ): string {
      const stays = message.state === "sent" && byName.value.get(message.channel)?.sandbox;
      return stays ? kept.value.inSandbox : names[message.state];
    },
  };
}
