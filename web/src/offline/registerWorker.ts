/** Has the browser keep the page's files (`worker.js`), where it can and may; without that everything works online. */
export function registerWorker(): void {
  try {
    // A frame without storage throws at the mere mention of it.
    void navigator.serviceWorker?.register('/sw.js').catch(() => {});
  } catch {
    return;
  }
}
