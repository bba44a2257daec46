// Seconds and bytes of the self-checks as people read them.

import type { Schemas } from "@/service/client";
import { spanText } from "@/words/format";
import { language } from "@/words/language";

const STEPS = ["B", "KiB", "MiB", "GiB", "TiB"] as const;

/** 1536: `1.5 KiB`. */
export function bytesText(bytes: number): string {
  let [value, step] = [bytes, 0];
  while (Math.abs(value) >= 1024 && step < STEPS.length - 1) [value, step] = [value / 1024, step + 1];
  return `${step && Math.abs(value) < 100 ? value.toFixed(1) : Math.round(value)} ${STEPS[step]}`;
}

/** How long ago: whole seconds, as everywhere. Clocks differ a little: what is ahead of ours is of now. */
export const agoText = (seconds: number): string => spanText(Math.max(0, seconds));

/** Short spans with what decides about them: `0.03 s`, `4.2 s`; longer ones in words. */
export function secondsText(seconds: number): string {
  if (Math.abs(seconds) < 10) {
    return `${seconds.toFixed(Math.abs(seconds) < 1 ? 2 : 1)} ${language.value === "zh" ? "秒" : "s"}`;
  }
  return spanText(seconds);
}

export function measureText(value: number | null, unit: string): string {
  if (value === null) return "—";
  return unit === "bytes" ? bytesText(value) : secondsText(value);
}

type Gateway = Pick<Schemas["SystemGateway"], "name" | "clock_difference_s">;
type Check = Pick<Schemas["WatchCheckView"], "kind" | "about" | "value">;

/** The clock's difference as the self-check judges it, so that the page says one value; else as it was delivered. */
export function clockDifference(gateway: Gateway, checks: readonly Check[]): number | null {
  const judged = checks.find((check) => check.kind === "clock_offset" && check.about === gateway.name);
  return judged?.value ?? gateway.clock_difference_s;
}
