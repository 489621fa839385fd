import type { ConversationApi } from '../api/conversationApi';
import { sleep } from '../sleep';

const WAITS_MS = [1_000, 2_000, 4_000, 8_000];

/** The model names a conversation after its first answer; nobody says when. Nothing where `shown` changes meanwhile. */
export async function awaitGeneratedTitle(api: ConversationApi, id: string, shown: () => string | null): Promise<string | null> {
  const before = shown();
  for (const wait of WAITS_MS) {
    await sleep(wait);
    const found = await api.read(id, undefined, 1).catch(() => null);
    if (shown() !== before) return null;
    if (found?.title && found.title !== before) return found.title;
  }
  return null;
}
