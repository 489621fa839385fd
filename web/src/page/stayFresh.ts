/** How often what the person looks at is read again: changes made on another device show after this time at the latest. */
export const FRESH_MS = 20_000;

/**
 * Runs `refresh` when the person comes back to the page, when the network does, and regularly while the page is
 * visible; never a second time while it still runs. Returns how to stop.
 */
export function stayFresh(refresh: () => Promise<unknown>): () => void {
  let running = false;
  const run = () => {
    if (running || document.visibilityState !== 'visible') return;
    running = true;
    void refresh().finally(() => {
      running = false;
    });
  };
  const timer = setInterval(run, FRESH_MS);
  document.addEventListener('visibilitychange', run);
  window.addEventListener('online', run);
  return () => {
    clearInterval(timer);
    document.removeEventListener('visibilitychange', run);
    window.removeEventListener('online', run);
  };
}
