// What one person may hide alone, as the alert service decides it (`api/alarms/alone.py`); it has the last word.

import type { Alarm } from "@/live/link";
import type { paths } from "@/service/schema";

type Policy = paths["/alarms/policy"]["get"]["responses"][200]["content"]["application/json"];

/** Seconds that one person may choose alone; 0: not at all; null: as long as the policy allows. */
export function aloneS(
  alarm: Pick<Alarm, "second_level_gas" | "priority" | "rule_known" | "alarm_class">,
  act: "shelve" | "remove",
  policy: Pick<Policy, "gas_fault_shelve_alone_s">,
  quantity: string | undefined,
): number | null {
  const urgent = alarm.priority === "HIGH" || alarm.priority === "CRITICAL";
  if (alarm.second_level_gas || (urgent && (!alarm.rule_known || alarm.alarm_class === "system"))) return 0;
  const gas = quantity === "combustible_gas" || quantity === "toxic_gas";
  if (gas && alarm.alarm_class === "instrument")
    return act === "shelve" ? policy.gas_fault_shelve_alone_s : 0;
  return null;
}
