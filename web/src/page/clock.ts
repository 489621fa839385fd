import { createStore, type Store } from '../store';

/** The present minute, as the person's clock shows it. */
export interface Clock {
  now: Store<string>;
  /** What it showed at first. */
  began: string;
  /** Goes on from minute to minute; returns how to stop. */
  run(): () => void;
}

export function openClock(read: () => string): Clock {
  const now = createStore(read());
  return {
    now,
    began: now.get(),
    run() {
      const update = () => now.set(read());
      update();
      const timer = setInterval(update, 5_000);
      // A browser lets the timers of a hidden page sleep.
      document.addEventListener('visibilitychange', update);
      return () => {
        clearInterval(timer);
        document.removeEventListener('visibilitychange', update);
      };
    },
  };
}
