// Keeps the screens' own files on a phone, so that they open on a slow network. Data is never kept: what is
// shown has just been read, or the page says that the service does not answer.

const KEPT = "hazardwatch-screens";
const PAGE = "/app/";
const PATIENCE_MS = 4000;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { pathname, origin } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin || !pathname.startsWith(PAGE)) return;
  if (request.mode === "navigate") event.respondWith(page(request));
  else if (pathname.startsWith(`${PAGE}assets/`)) event.respondWith(asset(request));
});

// The newest page if it comes in time, else the one of before: its files are named after what is in them.
async function page(request) {
  const cache = await caches.open(KEPT);
  try {
    const fresh = await fetch(request, { signal: AbortSignal.timeout(PATIENCE_MS) });
    if (fresh.ok) await keep(cache, fresh.clone());
    return fresh;
  } catch (error) {
    const kept = await cache.match(PAGE);
    if (kept) return kept;
    throw error;
  }
}

async function keep(cache, fresh) {
  const before = await cache.match(PAGE);
  const [old, now] = [before && (await before.text()), await fresh.clone().text()];
  if (old === now) return;
  // Another version: what belonged to the old one only takes room.
  for (const known of await cache.keys()) await cache.delete(known);
  await cache.put(PAGE, fresh);
}

async function asset(request) {
  const cache = await caches.open(KEPT);
  const kept = await cache.match(request);
  if (kept) return kept;
  const fresh = await fetch(request);
  if (fresh.ok) await cache.put(request, fresh.clone());
  return fresh;
}
