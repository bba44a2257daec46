// What is overdue, asked for from all of the desk's matters: for its page, and for its number in the menu.

import { computed } from "vue";
import { alarms, serviceNow } from "@/live/desk";
import { useAsked } from "@/service/asking";
import { answer, client } from "@/service/client";
import { may } from "@/service/session";
import { nanos } from "@/words/format";
import { nameOf } from "@/words/language";
import { everyPage, useLateOrders, useLateWarnings } from "./asking";
import { dayIn, overdueOf, type Found, type OverdueKind } from "./overdue";

const CHECKS_OF_MS = 86_400_000; // unanswered checks of the last day: nobody can answer an old one any more
const EVERY_S = 60;
const PAGE = 500;

async function unansweredChecks() {
  const since = nanos(serviceNow() - CHECKS_OF_MS);
  return everyPage(async (after) => {
    const query = { outcome: "unanswered" as const, since, after, limit: PAGE };
    const page = await answer(client.GET("/duty-checks", { params: { query } }));
    return { rows: page.checks, next: page.next };
  });
}

const missingOf = (day: string) =>
  everyPage(async (after) => {
    const params = { path: { day }, query: { after, limit: PAGE } };
    const page = await answer(client.GET("/commitments/missing/{day}", { params }));
    return { rows: page.missing, next: page.next };
  });

const givenOf = (day: string) =>
  everyPage(async (after) => {
    const page = await answer(client.GET("/commitments", { params: { query: { day, after, limit: PAGE } } }));
    return { rows: page.commitments, next: page.next };
  });

type Names = Pick<Found, "enterpriseName" | "alarmName">;

/** Names as the register and the live link have them; ids where they are not known (yet). */
export function namesFrom(enterprises: () => readonly { id: string; name: string }[] | undefined): Names {
  return {
    enterpriseName: (id) => enterprises()?.find((one) => one.id === id)?.name ?? id,
    alarmName: (id) => {
      const alarm = alarms.value.get(id);
      return alarm ? nameOf(alarm) : id;
    },
  };
}

/** `when`: nothing is asked before. `sources` says of each kind whether it was read. */
export function useOverdue(names: Names, when: () => boolean = () => true) {
  const asking = { everyS: EVERY_S };
  const warnings = useLateWarnings(when);
  const orders = useLateOrders(when);
  const policy = useAsked(["policy", "desks"], () => answer(client.GET("/warnings/policy")), { when });
  const zone = computed(() => policy.data.value?.time_zone ?? "");
  const day = computed(() => (zone.value ? dayIn(zone.value, serviceNow()) : ""));
  const hasDay = (): boolean => when() && day.value !== "" && may("commitment.read");
  const checks = useAsked(["duty-checks", "unanswered"], unansweredChecks, {
    ...asking,
    when: () => when() && may("duty_check.read"),
  });
  const missing = useAsked(
    () => ["commitments", "missing", day.value],
    () => missingOf(day.value),
    { ...asking, when: hasDay },
  );
  const given = useAsked(
    () => ["commitments", "of", day.value],
    () => givenOf(day.value),
    { ...asking, when: hasDay },
  );
  const exhausted = useAsked(
    ["call-ups", "exhausted"],
    () => answer(client.GET("/escalation/exhausted", { params: { query: { limit: 1000 } } })),
    { ...asking, when: () => when() && may("escalation.read") },
  );

  const sources = computed((): [OverdueKind, { isPending: boolean; error: unknown }][] => [
    ["warning", warnings.query.value],
    ["order", orders.query.value],
    ["duty", checks.query.value],
    ["commitment", missing.query.value.error ? missing.query.value : given.query.value],
    ["ladder", exhausted.query.value],
  ]);
  const all = computed(() =>
    overdueOf({
      warnings: warnings.data.value ?? [],
      orders: orders.data.value ?? [],
      checks: checks.data.value ?? [],
      missing: { day: day.value, missing: missing.data.value ?? [] },
      given: new Set((given.data.value ?? []).map((one) => one.enterprise)),
      exhausted: exhausted.data.value?.alarms ?? [],
      installationOf: (id) => alarms.value.get(id)?.installation ?? "",
      ...names,
    }),
  );
  return { all, sources };
}
