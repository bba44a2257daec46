// Chinese first, English by a switch. Every area keeps its words beside its pages, in both languages at once:
// English has the type of the Chinese words, so that what is missing in it does not compile.

import { computed, ref, type ComputedRef } from "vue";

export type Language = "zh" | "en";

const KEPT = "hazardwatch.language";

function wished(): Language {
  const named = new URLSearchParams(location.search).get("language") ?? localStorage.getItem(KEPT);
  return named === "en" ? "en" : "zh";
}

export const language = ref<Language>(wished());
tellDocument();

export function setLanguage(wanted: Language): void {
  language.value = wanted;
  localStorage.setItem(KEPT, wanted);
  tellDocument();
}

function tellDocument(): void {
  document.documentElement.lang = language.value === "zh" ? "zh-CN" : "en";
}

/** A word, or a sentence made from what it is about. */
export type Word = string | ((...about: never[]) => string);
export interface Words {
  readonly [key: string]: Word | Words;
}
type Same<W> = {
  readonly [K in keyof W]: W[K] extends string ? string : W[K] extends Word ? W[K] : Same<W[K]>;
};
export type Dictionary<W> = ComputedRef<W>;

/** The words of an area in the language of now: `const words = defineWords({ zh: {...}, en: {...} })`. */
export function defineWords<const W extends Words>(both: { zh: W; en: Same<W> }): Dictionary<Same<W>> {
  return computed(() => both[language.value] as Same<W>);
}

/** The name of a thing that may have an English one. */
export function nameOf(thing: { name: string; name_en?: string | null }): string {
  return (language.value === "en" && thing.name_en) || thing.name;
}

/** Names one after the other, with the mark that the language puts between them. */
export function several(names: readonly string[]): string {
  return names.join(language.value === "en" ? ", " : "、");
}

/** A thing and what is said of it: `原因：泄漏`, `Reason: a leak`. */
export function labelled(label: string, text: string): string {
  return `${label}${language.value === "en" ? ": " : "："}${text}`;
}

/** A text that a thing has in two languages: in the reader's, else as it is in the other one. */
export function textOf<K extends string>(thing: Readonly<Record<K | `${K}_en`, string>>, name: K): string {
  const chinese = thing[name];
  const english = thing[`${name}_en`];
  return language.value === "en" ? english || chinese : chinese || english;
}

/** The word for what the service names by a key; the key itself where there is none yet. */
export function wordFor(words: object, key: string): string {
  return (words as Record<string, string>)[key] ?? key;
}

/** What this says in each language: for a search that knows both. The switch is back before anything is drawn. */
export function inEveryLanguage(say: () => string): Record<Language, string> {
  const now = language.value;
  const said = {} as Record<Language, string>;
  for (const each of ["zh", "en"] as const) {
    language.value = each;
    said[each] = say();
  }
  language.value = now;
  return said;
}
