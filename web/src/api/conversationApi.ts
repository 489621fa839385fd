import type { Session } from '../session/session';
import { jsonRequest, readAnswer } from './send';
import { nextPage } from './taskApi';
import type { Conversation, ConversationPage } from './types';

/** How many turns: each has a question and its answer. */
export const PAGE = 60;

/** How long the running turn is told to stop: what arrives later could stop the next one, where it names none. */
const STOP_WITHIN_MS = 2_500;

/** A conversation with some of its turns. */
export interface ConversationTurns extends Conversation {
  /** The turn before which there are older ones, where there are. */
  earlier: string | null;
}

export interface ConversationApi {
  list(search: string, offset: number): Promise<ConversationPage>;
  /** The newest turns, or those before the turn `before`. */
  read(id: string, before?: string, limit?: number): Promise<ConversationTurns>;
  rename(id: string, title: string): Promise<void>;
  remove(id: string): Promise<void>;
  /** Really stops the running turn; where one is named, that one and no other. */
  stop(id: string, turn: string | null): Promise<void>;
}

export function conversationApi(session: Session, userId: string): ConversationApi {
  const path = `/api/${userId}/conversations`;
  return {
    async list(search, offset) {
      const query = new URLSearchParams({ limit: '50', offset: String(offset) });
      if (search) query.set('search', search);
      return readAnswer(await session.fetch(`${path}?${query}`));
    },
    async read(id, before, limit = PAGE) {
      const query = new URLSearchParams({ limit: String(limit) });
      if (before) query.set('before', before);
      const response = await session.fetch(`${path}/${id}?${query}`);
      const conversation = await readAnswer<Conversation>(response);
      // Only the server knows: a page of long answers ends before its limit.
      const next = nextPage(response.headers.get('link'), '');
      return { ...conversation, earlier: new URLSearchParams(next ?? '').get('before') };
    },
    async rename(id, title) {
      await readAnswer(await session.fetch(`${path}/${id}`, { ...jsonRequest<'ConversationChange'>('PATCH', { title }), replayable: true }));
    },
    async remove(id) {
      const response = await session.fetch(`${path}/${id}`, { method: 'DELETE' });
      if (response.status !== 404) await readAnswer(response);
    },
    async stop(id, turn) {
      const late = new AbortController();
      const timer = setTimeout(() => late.abort(), STOP_WITHIN_MS);
      try {
        await readAnswer(await session.fetch(`/api/${userId}/chat/${id}/stop`, { ...jsonRequest<'StopRequest'>('POST', turn ? { turn_id: turn } : {}), replayable: false, signal: late.signal }));
      } finally {
        clearTimeout(timer);
      }
    },
  };
}
