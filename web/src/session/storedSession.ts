import type { TokenAnswer, User } from '../api/types';
import { readJson, type BrowserStorage } from '../storage';

/** What lasts of a session. Without tokens the person must sign in again, and is still known. */
export interface StoredSession {
  user: User;
  tokens: Tokens | null;
}

export interface Tokens {
  access: string;
  accessUntil: number;
  refresh: string;
}

const KEY = 'todo-chat.session';

/** Renew this long before the end, so that a slow request does not arrive with a dead token. */
const MARGIN_MS = 20_000;

export const isSessionKey = (key: string | null) => key === KEY || key === null;

export function readSession(memory: BrowserStorage): StoredSession | null {
  const stored = readJson<StoredSession>(memory, KEY);
  return stored?.user?.id ? stored : null;
}

export function writeSession(memory: BrowserStorage, session: StoredSession | null): void {
  if (session) memory.write(KEY, JSON.stringify(session));
  else memory.remove(KEY);
}

export function sessionFrom(answer: TokenAnswer, now: number): StoredSession {
  return {
    user: answer.user,
    tokens: {
      access: answer.access_token,
      accessUntil: now + answer.expires_in * 1000,
      refresh: answer.refresh_token,
    },
  };
}

export const isFresh = (tokens: Tokens, now: number) => tokens.accessUntil - MARGIN_MS > now;
