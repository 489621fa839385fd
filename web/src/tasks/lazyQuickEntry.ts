import { sleep } from '../sleep';
import type { Entry } from './quickEntry';

type Reader = typeof import('./quickEntry').readEntry;

/** Nobody waits longer than this for a line to be read: then it is a title as it is. */
const READ_TIMEOUT_MS = 2_000;

let loading: Promise<Reader> | null = null;
let loaded: Reader | null = null;

/** Fetches what reads dates, at the first use; a failed attempt may be made again. */
export function loadReader(): Promise<Reader> {
  loading ??= import('./quickEntry').then(
    ({ readEntry }) => (loaded = readEntry),
    (error: unknown) => {
      loading = null;
      throw error;
    },
  );
  return loading;
}

/** Reads at once; nothing when what reads is not here yet. */
export const readNow = (text: string, dismissed: ReadonlySet<string>): Entry | null => loaded && loaded(text, new Date(), dismissed);

/** Reads a line; where what reads it cannot be fetched, all of it is the title. */
export async function readLine(text: string, dismissed: ReadonlySet<string>): Promise<Entry> {
  const plain: Entry = { title: text, chips: [], details: {} };
  if (!loaded) await Promise.race([loadReader().catch(() => {}), sleep(READ_TIMEOUT_MS)]);
  return readNow(text, dismissed) ?? plain;
}
