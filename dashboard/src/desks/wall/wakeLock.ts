// Keeps the screen from going dark, where the browser can; it forgets the wish whenever the page was hidden.

import { onBeforeUnmount, onMounted } from "vue";

export function useWakeLock(): void {
  let lock: WakeLockSentinel | null = null;

  async function ask(): Promise<void> {
    if (document.visibilityState !== "visible" || !("wakeLock" in navigator)) return;
    try {
      lock = await navigator.wakeLock.request("screen");
    } catch {
      lock = null; // Refused, e.g. without HTTPS or on a low battery: the machine's own settings decide.
    }
  }
  const onChange = (): void => void ask();
  onMounted(() => {
    void ask();
    document.addEventListener("visibilitychange", onChange);
  });
  onBeforeUnmount(() => {
    document.removeEventListener("visibilitychange", onChange);
    void lock?.release();
  });
}
