import { useEffect, useState } from 'react';
import { backOff } from './sleep';

/** A part of the page that is fetched after the first ones. */
export interface LazyModule<T> {
  /** Fetches it; a failed attempt may be made again. */
  load(): Promise<T>;
  /** The part, from the moment it is wanted and here; usually at once, because the page has fetched it before. */
  use(wanted: boolean): T | null;
}

export function lazyModule<T extends object>(fetch: () => Promise<T>): LazyModule<T> {
  let loaded: T | null = null;
  const load = async () => (loaded = await fetch());
  return {
    load,
    use(wanted) {
      const [part, setPart] = useState(loaded);
      const [failures, setFailures] = useState(0);
      useEffect(() => {
        if (!wanted || part) return;
        let timer: ReturnType<typeof setTimeout> | undefined;
        const again = () => (timer = setTimeout(() => setFailures((count) => count + 1), backOff(failures)));
        load().then(setPart, again);
        return () => clearTimeout(timer);
      }, [wanted, part, failures]);
      return part ?? loaded;
    },
  };
}
