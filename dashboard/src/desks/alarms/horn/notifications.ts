// Desktop notifications, if the person wants them and the browser lets us: of a new alarm while nobody looks.

import { ref } from "vue";
import type { Alarm } from "@/live/link";
import { nameOf } from "@/words/language";
import { tagOf } from "../places";
import { words } from "./words";

export const permission = ref<NotificationPermission | "none">(
  "Notification" in window ? Notification.permission : "none",
);

export async function askPermission(): Promise<boolean> {
  if (permission.value === "none") return false;
  permission.value = await Notification.requestPermission();
  return permission.value === "granted";
}

/** One notification at a time: a newer one takes the place of the older. */
export function notify(newest: Alarm, unanswered: number): void {
  if (permission.value !== "granted" || !document.hidden) return;
  const shown = new Notification(`${nameOf(newest)} ${tagOf(newest.point)}`, {
    body: words.value.notification(unanswered),
    tag: "hazardwatch.alarm",
    requireInteraction: newest.priority === "CRITICAL",
  });
  shown.onclick = () => {
    window.focus();
    shown.close();
  };
}
