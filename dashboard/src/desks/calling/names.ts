// Names of channels by their ids, and of receivers, as messages and lists show them.

import { computed } from "vue";
import { answer, client, type Schemas } from "@/service/client";
import { useAsked } from "@/service/asking";
import { language } from "@/words/language";

export { useReceivers, type Receiver } from "@/desks/duty/names";
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
  };
}
