// Keys of a page: letters that act, as long as nobody is writing and no dialog is open.

import { onBeforeUnmount, onMounted } from "vue";

const WRITING = "input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]";
const PRESSING = "button, a, [role=tab], input[type=checkbox], summary";

/** Does this event belong to what has the focus, rather than to the page? */
export function isTaken(event: KeyboardEvent): boolean {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return true;
  if (document.querySelector("dialog[open]")) return true;
  const at = event.target instanceof Element ? event.target : null;
  if (at?.closest(WRITING)) return true;
  return (event.key === "Enter" || event.key === " ") && Boolean(at?.closest(PRESSING));
}

/** `{ a: acknowledge, "?": help }`: called with the key as it is on the keyboard, while this component lives. */
export function useKeys(keys: Record<string, (event: KeyboardEvent) => void>): void {
  const listen = (event: KeyboardEvent): void => {
    const call = keys[event.key];
    if (!call || isTaken(event)) return;
    if (event.repeat && event.key.length === 1 && !"jk".includes(event.key)) return;
    event.preventDefault();
    call(event);
  };
  onMounted(() => addEventListener("keydown", listen));
  onBeforeUnmount(() => removeEventListener("keydown", listen));
}
