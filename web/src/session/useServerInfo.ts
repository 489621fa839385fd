import { useEffect, useState } from 'react';
import { info } from '../api/account';
import type { Info } from '../api/types';

/** What the server says of itself, once it has. Asking also wakes a sleeping one while the person types. */
export function useServerInfo(): Info | null {
  const [about, setAbout] = useState<Info | null>(null);
  useEffect(() => {
    info().then(setAbout, () => {});
  }, []);
  return about;
}
