// A wall runs for months: when new screens are installed, it takes them by itself.

import { onBeforeUnmount, onMounted } from "vue";

const LOOK_MS = 60_000;

/** The script with which a page begins; its name carries a fingerprint of what is in it. */
export function entryOf(html: string): string | null {
  for (const tag of html.match(/<script\b[^>]*>/g) ?? []) {
    const source = /\bsrc="([^"]+)"/.exec(tag)?.[1];
    if (source && /\btype="module"/.test(tag)) return source;
  }
  return null;
}

/** Reload the page once the service serves another entry than this page began with. */
export function useNewVersion(): void {
  const own = document.querySelector('script[type="module"][src]')?.getAttribute("src") ?? null;
  let timer: ReturnType<typeof setInterval> | undefined;

  async function look(): Promise<void> {
    try {
      const response = await fetch(import.meta.env.BASE_URL, { cache: "no-store", credentials: "omit" });
      const served = response.ok ? entryOf(await response.text()) : null;
      if (own !== null && served !== null && served !== own) location.reload();
    } catch {
      // The service is away: the lost link is told by the page already, and we look again.
    }
  }
  onMounted(() => (timer = setInterval(() => void look(), LOOK_MS)));
  onBeforeUnmount(() => clearInterval(timer));
}
