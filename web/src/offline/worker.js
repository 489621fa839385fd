// The service worker: keeps the page's own files, so that it opens without a line and beside a server that sleeps.
// It keeps nothing of anybody: requests to the API never pass through it. The build writes VERSION and FILES before it.
/* global self, caches, VERSION, FILES */

const CACHE = `todo-chat-${VERSION}`;
/** How long a server may take for the page itself, before the kept one is shown. */
const PAGE_TIMEOUT_MS = 4_000;

self.addEventListener('install', (event) => {
  // The names of assets change with their content; what has no such name is asked for anew.
  const requests = FILES.map((path) => new Request(path, { cache: path.startsWith('/assets/') ? 'default' : 'reload' }));
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(requests)));
});

self.addEventListener('activate', (event) => {
  event.waitUntil(takeOver());
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== 'GET' || origin !== self.location.origin) return;
  if (request.mode === 'navigate' && pathname === '/') event.respondWith(page(request));
  else if (FILES.includes(pathname) && pathname !== '/') event.respondWith(kept(pathname).then((file) => file ?? fetch(request)));
});

async function takeOver() {
  const old = (await caches.keys()).filter((name) => name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
  await self.clients.claim();
}

/** The page as the server has it now; the kept one when nobody answers, or somebody who is not ready. */
async function page(request) {
  const asked = fetch(request).then(
    (answer) => (answer.ok ? answer : null),
    () => null,
  );
  const late = new Promise((resolve) => setTimeout(resolve, PAGE_TIMEOUT_MS, null));
  return (await Promise.race([asked, late])) ?? (await kept('/')) ?? (await asked) ?? Response.error();
}

async function kept(path) {
  return (await caches.open(CACHE)).match(path);
}
