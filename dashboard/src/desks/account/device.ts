// What a program said of itself at its login, as a person knows it: kind of machine, browser, system.

import { words } from "./words";

const BROWSERS: [RegExp, string][] = [
  [/Edg\//, "Edge"],
  [/MicroMessenger/, "WeChat"],
  [/OPR\//, "Opera"],
  [/Firefox\//, "Firefox"],
  [/Chrome\//, "Chrome"],
  [/Safari\//, "Safari"],
];
const SYSTEMS: [RegExp, string][] = [
  [/Android/, "Android"],
  [/iPhone|iPad/, "iOS"],
  [/HarmonyOS|OpenHarmony/, "HarmonyOS"],
  [/Windows/, "Windows"],
  [/Mac OS X/, "macOS"],
  [/Linux/, "Linux"],
];

const first = (table: [RegExp, string][], text: string): string =>
  table.find(([known]) => known.test(text))?.[1] ?? "";

export function deviceText(agent: string): string {
  const say = words.value.device;
  if (!agent) return say.unknown;
  const [browser, system] = [first(BROWSERS, agent), first(SYSTEMS, agent)];
  if (!browser) return `${say.program} ${agent.slice(0, 40)}`;
  const kind = /Mobile|Android|iPhone/.test(agent) ? say.phone : say.computer;
  return [kind, system, browser].filter(Boolean).join(" · ");
}
