// Which entries of the menu stand in sight, and which in groups.

import type { Entry, Group } from "./desks";

export interface Menu {
  /** What one of the roles works with every hour. */
  own: Entry[];
  groups: { group: Group; entries: Entry[] }[];
}

/** `beginning`: name of the person's first page; its area stands first among the own ones. */
export function arrange(entries: readonly Entry[], roles: readonly string[], beginning: string): Menu {
  const isOwn = (entry: Entry): boolean => entry.everyHourOf?.some((role) => roles.includes(role)) ?? false;
  const first = entries.find((entry) => entry.to === beginning)?.group;
  const own = entries.filter(isOwn);
  const groups = [...new Set(entries.map((entry) => entry.group))].map((group) => ({
    group,
    entries: entries.filter((entry) => entry.group === group && !isOwn(entry)),
  }));
  return {
    own: [...own.filter((entry) => entry.group === first), ...own.filter((entry) => entry.group !== first)],
    groups: groups.filter((one) => one.entries.length > 0),
  };
}
