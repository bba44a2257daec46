// Names of channels by their ids, and of receivers, as messages and lists show them.

import { computed } from "vue";
import { answer, client, type Schemas } from "@/service/client";
import { useAsked } from "@/service/asking";
import { defineWords, language } from "@/words/language";
import { words } from "./words";

export { useReceivers, type Receiver } from "@/desks/duty/names";
const kept = defineWords({ zh: { inSandbox: "已存入沙箱" }, en: { inSandbox: "Kept in the sandbox" } });
export type Channel = Schemas["ChannelView"];

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
