/** How often what the person looks at is read again: changes made on another device show after this time at the latest. */
export const POLL_MS = 20_000;

/**
 * Runs `refresh` when the person comes back to the page, and regularly while it is visible; also when the network
 * comes back, looked at or not, because something may wait for that. Never a second time while it still runs.
 * Returns how to stop.
 */
export function pollForChanges(refresh: () => Promise<unknown>): () => void {
  let running = false;
  const run = () => {
    if (running) return;
    running = true;
    void refresh().finally(() => {
      running = false;
    });
  };
  const runIfVisible = () => document.visibilityState === 'visible' && run();
  const timer = setInterval(runIfVisible, POLL_MS);
  document.addEventListener('visibilitychange', runIfVisible);
  window.addEventListener('online', run);
  return () => {
    clearInterval(timer);
    document.removeEventListener('visibilitychange', runIfVisible);
    window.removeEventListener('online', run);
  };
}
