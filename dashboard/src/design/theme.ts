// Light, dark, or as the system is. A wall display makes everything larger.

import { ref } from "vue";

export type Theme = "light" | "dark" | "system";
const KEPT = "hazardwatch.theme";
const system = matchMedia("(prefers-color-scheme: dark)");
const asked = new URLSearchParams(location.search).get("theme") ?? localStorage.getItem(KEPT);

export const theme = ref<Theme>(asked === "light" || asked === "dark" ? asked : "system");
/** What is in force; charts and maps are drawn anew when it changes. */
export const darkness = ref(false);

export function setTheme(wanted: Theme): void {
  theme.value = wanted;
  localStorage.setItem(KEPT, wanted);
  apply();
}

const THEMES: readonly Theme[] = ["system", "light", "dark"];
export const nextTheme = (): void =>
  setTheme(THEMES[(THEMES.indexOf(theme.value) + 1) % THEMES.length] ?? "system");

function apply(): void {
  darkness.value = theme.value === "system" ? system.matches : theme.value === "dark";
  document.documentElement.dataset["theme"] = darkness.value ? "dark" : "light";
}

/** The colour of a token, for what is drawn on a canvas: read it anew when `darkness` changes. */
export function token(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

system.addEventListener("change", apply);
apply();
