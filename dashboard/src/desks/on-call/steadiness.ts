// A thumb that is on its way down must not hit what has just slid under it: a button that moved, or came, a moment
// ago takes no tap.

import { onBeforeUnmount, onMounted, ref, type Ref } from "vue";

const SETTLE_MS = 700;
const SHOWN_MS = 4000;
/** A button has moved when another could stand where it was; a line that wraps is less. */
const MOVED_SHARE = 0.6;

interface Standing {
  top: number;
  movedAt: number;
  refusedAt: number;
}

/** Where buttons stand, and since when. Places are in pixels within the page's own part, so that scrolling moves none. */
export class Steadiness {
  private readonly known = new WeakMap<object, Standing>();

  constructor(private readonly clock: () => number) {}

  see(button: object, top: number, height: number): void {
    const at = this.known.get(button);
    if (!at) this.known.set(button, { top, movedAt: this.clock(), refusedAt: -Infinity });
    else if (Math.abs(at.top - top) > MOVED_SHARE * height) Object.assign(at, { top, movedAt: this.clock() });
  }

  /** May a tap on it be meant? Who taps again after a refusal means it, however restless the page is. */
  takes(button: object): boolean {
    const at = this.known.get(button);
    const now = this.clock();
    if (!at || now - at.movedAt >= SETTLE_MS) return true;
    const since = now - at.refusedAt;
    if (since >= SETTLE_MS && since < SHOWN_MS) return true;
    if (since >= SETTLE_MS) at.refusedAt = now;
    return false;
  }
}

/**
 * Watches the buttons with `data-steady` below `root`; `refused` is true for some seconds after a tap was not
 * taken. A press of a key cannot miss and is always taken.
 */
export function useSteadiness(root: Ref<HTMLElement | null>) {
  const steadiness = new Steadiness(() => performance.now());
  const refused = ref(false);
  let hiding: ReturnType<typeof setTimeout> | undefined;

  function look(): void {
    const from = root.value?.getBoundingClientRect().top ?? 0;
    for (const button of root.value?.querySelectorAll("button[data-steady]") ?? []) {
      const { top, height } = button.getBoundingClientRect();
      steadiness.see(button, top - from, height);
    }
  }
  function onTap(event: MouseEvent): void {
    clearTimeout(hiding);
    refused.value = false;
    const button = (event.target as Element).closest("button[data-steady]");
    if (!button || event.detail === 0) return;
    look();
    if (steadiness.takes(button)) return;
    event.stopPropagation();
    event.preventDefault();
    refused.value = true;
    hiding = setTimeout(() => (refused.value = false), SHOWN_MS);
  }

  const changes = new MutationObserver(look);
  const sizes = new ResizeObserver(look);
  onMounted(() => {
    if (!root.value) return;
    root.value.addEventListener("click", onTap, { capture: true });
    changes.observe(root.value, { childList: true, subtree: true });
    sizes.observe(root.value);
    look();
  });
  onBeforeUnmount(() => {
    changes.disconnect();
    sizes.disconnect();
    clearTimeout(hiding);
  });
  return { refused };
}
