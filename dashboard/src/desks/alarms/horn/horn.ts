// The horn of this screen: what it ought to do now, and how it is silenced for every screen of a control room.

import { computed, onScopeDispose, watch } from "vue";
import { alarms } from "@/live/desk";
import { answer, client } from "@/service/client";
import { useAction, useAsked } from "@/service/asking";
import { may } from "@/service/session";
import { heardDesks, settings } from "./settings";
import { loudest, soundingOf } from "./sounding";
import { Speaker } from "./speaker";

const EVERY_S = 30;

export function useHorn() {
  const speaker = new Speaker(settings.volume);
  const { data } = useAsked(["horns"], () => answer(client.GET("/horns")), { everyS: EVERY_S });
  const desks = computed(() =>
    (data.value?.horns ?? []).map((horn) => ({
      desk: horn.enterprise,
      unanswered: horn.unanswered,
      silencedTime: horn.silenced_time,
      sounding: soundingOf(horn.enterprise, alarms.value.values(), horn.silenced_time),
    })),
  );
  const heard = computed(() => {
    const ids = heardDesks(
      desks.value.map(({ desk }) => desk),
      settings.desks,
    );
    return desks.value.filter(({ desk }) => ids.includes(desk));
  });
  const sounding = computed(() => loudest(heard.value.flatMap((one) => one.sounding ?? [])));
  const silencedTime = computed(() =>
    heard.value.reduce<number | null>(
      (last, one) => Math.max(last ?? 0, one.silencedTime ?? 0) || null,
      null,
    ),
  );
  const { run, problem, busy, reset } = useAction(
    (wanted: readonly string[]) =>
      Promise.all(
        wanted.map((enterprise) => answer(client.POST("/horns/silence", { body: { enterprise } }))),
      ),
    ["horns"],
  );

  watch([sounding, () => settings.on], ([now, on]) => speaker.sound(on && now ? now.priority : null), {
    immediate: true,
  });
  watch(
    () => settings.volume,
    (volume) => (speaker.volume = volume),
  );
  onScopeDispose(() => speaker.end());

  return {
    speaker,
    desks,
    sounding,
    silencedTime,
    problem,
    busy,
    forgive: reset,
    /** The horns that are heard here and sound, or one desk's. */
    silence(desk?: string): void {
      const wanted =
        desk === undefined ? heard.value.filter((one) => one.sounding).map((one) => one.desk) : [desk];
      if (wanted.length && !busy.value && may("alarm.silence")) void run(wanted);
    },
  };
}
