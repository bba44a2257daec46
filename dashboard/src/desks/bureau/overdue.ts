// Everything that somebody owes and has not done in time, in one list: the longest waiting first.

import type { RouteLocationRaw } from "vue-router";
import type { Schemas } from "@/service/client";
import { whoseStep, type StepName } from "./loop";

export type OverdueKind = "warning" | "order" | "duty" | "commitment" | "ladder";
export const KINDS: readonly OverdueKind[] = ["warning", "order", "duty", "commitment", "ladder"];

export interface Overdue {
  key: string;
  kind: OverdueKind;
  /** The installation that it is about; its id is empty when it is a matter of the whole enterprise. */
  at: { enterprise: string; installation: string };
  /** Name of the enterprise that owes it; null: the bureau's own desk. */
  enterprise: string | null;
  /** The person named for it, where one is. */
  person: string;
  /** What it is about: an installation, an item, an alarm, a day. */
  about: string;
  step: StepName | null;
  /** ns UTC. */
  since: number;
  to: RouteLocationRaw | null;
}

export interface Found {
  warnings: readonly Schemas["WarningView"][];
  orders: readonly Schemas["OrderView"][];
  checks: readonly Schemas["DutyCheckView"][];
  missing: { day: string; missing: readonly Schemas["MissingView"][] };
  /** Enterprises that gave today's commitment after all. */
  given: ReadonlySet<string>;
  exhausted: readonly Schemas["ExhaustedView"][];
  /** Names of enterprises by id, and of alarms by id, as far as they are known. */
  enterpriseName: (id: string) => string;
  alarmName: (id: string) => string;
  /** Where an alarm is, as far as it is known; else empty. */
  installationOf: (alarmId: string) => string;
}

export function overdueOf(found: Found): Overdue[] {
  return [
    ...found.warnings.flatMap(ofWarning),
    ...found.orders.map(ofOrder),
    ...found.checks.map(ofCheck),
    ...found.missing.missing
      .filter((one) => !found.given.has(one.enterprise))
      .map((one) => ofCommitment(one, found.missing.day)),
    ...found.exhausted.map((one) => ofLadder(one, found)),
  ].sort((a, b) => a.since - b.since || a.key.localeCompare(b.key));
}

function ofWarning(warning: Schemas["WarningView"]): Overdue[] {
  if (warning.owed === null || warning.due_at === null) return [];
  return [
    {
      key: `warning/${warning.id}`,
      kind: "warning",
      at: { enterprise: warning.enterprise, installation: warning.installation },
      enterprise: whoseStep(warning.owed) === "enterprise" ? warning.enterprise_name : null,
      person: "",
      about: warning.name,
      step: warning.owed,
      since: warning.due_at,
      to: { name: "warning", params: { id: warning.id } },
    },
  ];
}

/** An order that is answered waits for the bureau. */
function ofOrder(order: Schemas["OrderView"]): Overdue {
  const waitsForEnterprise = order.state === "open";
  return {
    key: `order/${order.id}`,
    kind: "order",
    at: { enterprise: order.enterprise, installation: order.installation },
    enterprise: waitsForEnterprise ? order.enterprise_name : null,
    person: waitsForEnterprise ? order.responsible : "",
    about: order.item,
    step: null,
    since: order.deadline,
    to: { name: "order", params: { id: order.id } },
  };
}

const ofCheck = (check: Schemas["DutyCheckView"]): Overdue => ({
  key: `duty/${check.id}`,
  kind: "duty",
  at: { enterprise: check.enterprise, installation: "" },
  enterprise: check.enterprise_name,
  person: "",
  about: String(check.sent_at),
  step: null,
  since: check.due_at,
  to: null,
});

const ofCommitment = (one: Schemas["MissingView"], day: string): Overdue => ({
  key: `commitment/${one.enterprise}`,
  kind: "commitment",
  at: { enterprise: one.enterprise, installation: "" },
  enterprise: one.enterprise_name,
  person: "",
  about: day,
  step: null,
  since: one.listed_at,
  to: null,
});

const ofLadder = (one: Schemas["ExhaustedView"], found: Found): Overdue => ({
  key: `ladder/${one.alarm_id}`,
  kind: "ladder",
  at: { enterprise: one.enterprise, installation: found.installationOf(one.alarm_id) },
  enterprise: found.enterpriseName(one.enterprise),
  person: "",
  about: found.alarmName(one.alarm_id),
  step: null,
  since: one.exhausted_at,
  to: { name: "alarm", params: { id: one.alarm_id } },
});

/** The date of an instant where the service's deadlines are meant: YYYY-MM-DD. */
export function dayIn(zone: string, ms: number): string {
  const parts = new Intl.DateTimeFormat("en-CA", {
    timeZone: zone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
  });
  return parts.format(ms);
}
