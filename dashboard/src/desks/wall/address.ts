// What a wall shows stands in its address, so that it is the same after a restart of the machine.

export const SCENES = ["levels", "alarms", "overdue", "call-ups", "figures", "quality", "overview"] as const;
export type SceneName = (typeof SCENES)[number];
export interface Plan {
  scenes: SceneName[];
  seconds: number;
  /** `E001/H01`: each is a slide of its own. */
  installations: string[];
}
export const SECONDS = { least: 5, most: 600, usual: 20 };

type Query = Record<string, unknown>;
const listOf = (value: unknown): string[] =>
  typeof value === "string"
    ? value
        .split(",")
        .map((one) => one.trim())
        .filter(Boolean)
    : [];

/** A plan from an address; what it does not say, or says wrongly, is as usual. The alarms always belong to it. */
export function planOf(query: Query): Plan {
  const wished = listOf(query["scenes"]);
  const known = SCENES.filter((name) => wished.includes(name));
  const scenes = known.length ? known : [...SCENES];
  const seconds = Number(query["seconds"]);
  const within = Math.min(SECONDS.most, Math.max(SECONDS.least, Math.round(seconds)));
  return {
    scenes: scenes.includes("alarms")
      ? scenes
      : SCENES.filter((name) => name === "alarms" || scenes.includes(name)),
    seconds: query["seconds"] !== undefined && Number.isFinite(seconds) ? within : SECONDS.usual,
    installations: [...new Set(listOf(query["installations"]))],
  };
}

export function addressOf(plan: Plan): Record<string, string> {
  return {
    scenes: plan.scenes.join(","),
    seconds: String(plan.seconds),
    ...(plan.installations.length ? { installations: plan.installations.join(",") } : {}),
  };
}
