// The one figure by which a rule decides, with the unit that it has; nothing where no single figure does.

import type { Schemas } from "@/service/client";
import { numberText, spanText } from "@/words/format";
import { unitText } from "@/words/units";

type Rule = Pick<Schemas["RuleLine"], "detector" | "parameters">;

/** Parameters that decide, by kind of detector, the first that has a value. Kinds that are not here (`stuck`,
 * `combination`, `off_normal`, ...) decide by several together, or by shares and states. */
const DECIDES: Record<string, readonly string[]> = {
  limit: ["setpoint"],
  voting: ["setpoint"],
  time_to_limit: ["horizon_s"],
  rate_of_change: ["rate"],
  deviation: ["high_by", "low_by"],
  discrepancy: ["tolerance"],
  drift: ["drift"],
  leak_trend: ["rise"],
  mass_balance: ["tolerance_m3"],
  flatline: ["window_s"],
  stale: ["timeout_s"],
};

/** `span`: width of the point's measuring range in its unit, for the decimals. */
export function decidingFigure(rule: Rule, span: number): string {
  const given = (name: string) => {
    const one = rule.parameters.find((each) => each.name === name);
    return typeof one?.value === "number" ? { value: one.value, unit: one.unit } : null;
  };
  const found = (DECIDES[rule.detector ?? ""] ?? []).map(given).find((one) => one !== null);
  if (!found) return rule.detector === "stale" ? silence(given) : "";
  if (found.unit === "s") return spanText(found.value);
  return `${numberText(found.value, span)} ${unitText(found.unit)}`.trim();
}

/** Without a time of its own, silence is too long after some reporting periods. */
function silence(given: (name: string) => { value: number } | null): string {
  const [factor, period] = [given("factor"), given("period_s")];
  return factor && period ? spanText(factor.value * period.value) : "";
}
