import { createStore, useStore } from '../store';

const spoken = createStore({ text: '', count: 0 });

/** Says something to screen readers, when they have a moment. */
export function announce(text: string): void {
  spoken.set({ text, count: spoken.get().count + 1 });
}

/** Leaves nothing of what was said in the page. */
export function clearAnnouncement(): void {
  spoken.set({ text: '', count: spoken.get().count });
}

/** The live region; every second message goes to the other paragraph, so that equal texts are spoken again. */
export function Announcer() {
  const { text, count } = useStore(spoken);
  return (
    <div className="sr-only" aria-live="polite" role="status">
      <p>{count % 2 === 0 ? text : ''}</p>
      <p>{count % 2 === 1 ? text : ''}</p>
    </div>
  );
}
