// What the browser says of a control that cannot be sent, in the language of the screen instead of the browser's own.

import { words } from "./words";

type Control = HTMLInputElement | HTMLSelectElement;

const isControl = (target: unknown): target is Control =>
  target instanceof HTMLInputElement || target instanceof HTMLSelectElement;

/** Listens to `invalid`, on the way down: it does not rise. */
export function sayInOurWords(event: Event): void {
  const control = event.target;
  if (!isControl(control) || control.validity.customError) return;
  const label = control.labels?.[0]?.querySelector(".label")?.textContent?.trim() ?? control.name;
  const { valueMissing, patternMismatch, badInput } = control.validity;
  if (badInput) control.setCustomValidity(words.value.enterprise.badNumber(label));
  else if (valueMissing || patternMismatch) control.setCustomValidity(words.value.enterprise.needed(label));
}

/** As long as a control has words of ours it counts as wrong: typing takes them back. */
export function takeBack(event: Event): void {
  if (isControl(event.target)) event.target.setCustomValidity("");
}

/** Before another look at the whole form: a value may have been changed by the page itself. */
export function takeBackAll(event: Event): void {
  const form = event.target instanceof Element ? event.target.closest("form") : null;
  for (const control of form?.elements ?? []) if (isControl(control)) control.setCustomValidity("");
}
