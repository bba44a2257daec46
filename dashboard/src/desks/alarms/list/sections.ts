// Which alarms stand under which tab. Advisories are no alarms and have a place of their own.

import { byUrgency, isAdvisory, isHidden, isUnanswered } from "@/live/alarmList";
import type { Alarm } from "@/live/link";

export const SECTIONS = ["open", "unanswered", "hidden", "advisory"] as const;
export type Section = (typeof SECTIONS)[number];
export type AlarmClass = Alarm["alarm_class"];

export function isIn(section: Section, alarm: Alarm): boolean {
  if (isHidden(alarm)) return section === "hidden";
  if (isAdvisory(alarm)) return section === "advisory";
  return section === "open" || (section === "unanswered" && isUnanswered(alarm));
}

/** The alarms of each tab in their order; with a class: of this class only (advisories are one by themselves). */
export function sections(alarms: Iterable<Alarm>, of: AlarmClass | "" = ""): Record<Section, Alarm[]> {
  const found: Record<Section, Alarm[]> = { open: [], unanswered: [], hidden: [], advisory: [] };
  for (const alarm of [...alarms].sort(byUrgency)) {
    if (of && alarm.alarm_class !== of && !isAdvisory(alarm)) continue;
    for (const section of SECTIONS) if (isIn(section, alarm)) found[section].push(alarm);
  }
  return found;
}

/** ns UTC at which the alarm should have been responded to; null where no time is given or it is over. */
export function respondBy(alarm: Alarm): number | null {
  if (alarm.time_to_respond_s === null || !alarm.active || alarm.confirmed !== null) return null;
  return alarm.onset + alarm.time_to_respond_s * 1e9;
}
