import { useEffect, useState } from 'react';

type Later = typeof import('./later');

let loaded: Later | null = null;

/** Fetches the parts of the page that nobody needs at once; a failed attempt may be made again. */
export async function loadLater(): Promise<Later> {
  loaded = await import('./later');
  return loaded;
}

/** Those parts, from the moment they are wanted and here; usually at once, because the page has fetched them before. */
export function useLater(wanted: boolean): Later | null {
  const [parts, setParts] = useState(loaded);
  useEffect(() => {
    if (wanted && !parts) loadLater().then(setParts, () => {});
  }, [wanted, parts]);
  return parts ?? loaded;
}
