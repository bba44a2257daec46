// From which colour on a warning begins, in the words of the policy's own value.

import { useDeskPolicy } from "@/desks/duty/policy";
import { mine } from "@/words/mine";
import { words as common } from "@/words/words";
import { LEVELS, type LevelName } from "./level";
import { words } from "./words";

/** The colours below this one, the least urgent first; `none` is no colour. */
export function lowerThan(level: LevelName): LevelName[] {
  return LEVELS.slice(LEVELS.indexOf(level) + 1)
    .filter((one) => one !== "none")
    .reverse();
}

/** Empty until the policy is known: what is not known is not said. */
export function useBeginsAt(): () => string {
  const policy = useDeskPolicy();
  return () => {
    const { begins_at: begins, label } = policy.section("warnings");
    const level = LEVELS.find((one) => one === begins);
    if (!level) return "";
    const name = (one: LevelName): string => common.value.level[one];
    const lower = lowerThan(level).map(name).join(words.value.warning.and);
    return words.value.warning.beginsAt(name(level), lower, mine(label));
  };
}
