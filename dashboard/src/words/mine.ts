// Texts that the service made carry both languages, `中文 ‖ English` (api/bilingual.py): the reader sees his half.

import { language } from "./language";

const SEPARATOR = " ‖ ";

/** What a form saves of such a text: all of it, as long as what was typed is still one of its halves. */
export function kept(stored: string | null | undefined, typed: string): string {
  return stored?.split(SEPARATOR).includes(typed) ? stored : typed;
}

/** The reader's half of a text of the service. What a person entered has no halves and is shown as it is. */
export function mine(text: string | null | undefined): string {
  if (!text) return "";
  const at = text.indexOf(SEPARATOR);
  if (at < 0) return text;
  return language.value === "zh" ? text.slice(0, at) : text.slice(at + SEPARATOR.length);
}
