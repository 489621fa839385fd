import { apiError, SignedOut } from '../api/apiErrors';
import { jsonRequest, readAnswer, send, type Sending } from '../api/send';
import type { TokenAnswer, User } from '../api/types';
import { sleep } from '../sleep';
import { createStore, type Store } from '../store';
import type { BrowserStorage } from '../storage';
import { isFresh, isSessionKey, readSession, sessionFrom, writeSession, type Tokens } from './storedSession';

export type SessionState =
  | { kind: 'signed-out' }
  | { kind: 'signed-in'; user: User }
  /** The session ended by itself: the page stays as it is and asks for the password. */
  | { kind: 'expired'; user: User };

export interface AuthorizedInit extends RequestInit, Partial<Sending> {
  /** The body proves a password: `wrong_credentials`, or a second 401, is about that password and not about the session. */
  provesPassword?: boolean;
}

/**
 * How long the lock is kept when the new token is stored. Browsers tell the processes of other tabs of it a little
 * later than they hand on the lock, and whoever gets that too early would renew the old token again.
 */
const STORED_WITHIN_MS = 250;

/** Runs `work` alone among all tabs of this browser. */
export type Exclusive = <T>(work: () => Promise<T>) => Promise<T>;

/**
 * Who is signed in, in this and every other tab, and the only place that knows tokens. Refreshing happens once
 * at a time: one promise inside the tab, one Web Lock among tabs, and whoever gets the lock late finds the new
 * token already stored.
 */
export class Session {
  readonly state: Store<SessionState>;
  private renewing: Promise<string | null> | null = null;
  private waiting: Array<{ resolve: () => void; reject: (error: Error) => void }> = [];

  constructor(
    private readonly memory: BrowserStorage,
    private readonly exclusive: Exclusive = alone,
  ) {
    this.state = createStore<SessionState>(this.stateNow());
  }

  /** Follows what other tabs do to the session. */
  watch(target: Window): void {
    target.addEventListener('storage', (event) => {
      if (isSessionKey(event.key)) this.follow();
    });
  }

  /** Takes over a token answer: registering, signing in, refreshing or changing the password. */
  accept(answer: TokenAnswer): void {
    writeSession(this.memory, sessionFrom(answer, Date.now()));
    this.follow();
  }

  /** Ends the session here and tells the server, without waiting for it. */
  signOut(): void {
    const refresh = readSession(this.memory)?.tokens?.refresh;
    if (refresh) this.endOnServer(refresh);
    this.forget();
  }

  private endOnServer(refresh: string): void {
    const request = jsonRequest<'RefreshToken'>('POST', { refresh_token: refresh });
    send('/api/auth/logout', { ...request, keepalive: true }, { replayable: true }).catch(() => {});
  }

  /** Ends the session here because the server already ended it. */
  forget(): void {
    writeSession(this.memory, null);
    this.follow();
  }

  /** Keeps what the server says of the person who is signed in; who they are stays the same. */
  updateUser(user: User): void {
    const stored = readSession(this.memory);
    if (stored?.user.id === user.id) writeSession(this.memory, { ...stored, user });
  }

  /** The person who is signed in, as the server last told. */
  person(): User | null {
    return readSession(this.memory)?.user ?? null;
  }

  /** The token as it is, for a last request while the page goes away. */
  currentToken(): string | null {
    return readSession(this.memory)?.tokens?.access ?? null;
  }

  /** Sends with a valid token; renews it once when it is refused; asks to sign in when that fails too. */
  async fetch(path: string, init: AuthorizedInit = {}): Promise<Response> {
    const { replayable = isRead(init), headersWithinMs, provesPassword = false, ...request } = init;
    const deliver = (token: string) => send(path, { ...request, headers: bearer(request.headers, token) }, { replayable, headersWithinMs });

    const who = this.person()?.id;
    let token = await this.token(who);
    let response = await deliver(token);
    for (let attempt = 0; response.status === 401 && attempt < 2; attempt++) {
      // Sent again, a wrong password would count twice.
      if (provesPassword && (attempt > 0 || (await apiError(response.clone())).code === 'wrong_credentials')) break;
      if (attempt > 0) this.expire();
      token = await this.token(who, token);
      response = await deliver(token);
    }
    return response;
  }

  /** A token of this person's that should work, and is not `refused`. */
  private async token(who: string | undefined, refused?: string): Promise<string> {
    for (;;) {
      const stored = readSession(this.memory);
      if (!stored || stored.user.id !== who) throw new SignedOut();
      const { tokens } = stored;
      if (!tokens) await this.signedInAgain();
      else if (tokens.access !== refused && isFresh(tokens, Date.now())) return tokens.access;
      else {
        const renewed = await this.renew(tokens);
        if (renewed) return renewed;
      }
    }
  }

  private renew(old: Tokens): Promise<string | null> {
    this.renewing ??= new Promise<string | null>((resolve, reject) => {
      const work = async () => {
        await this.renewAlone(old).then(resolve, reject);
        await sleep(STORED_WITHIN_MS);
      };
      this.exclusive(work).catch(reject);
    }).finally(() => {
      this.renewing = null;
    });
    return this.renewing;
  }

  /** The new token, or null when the session is over. */
  private async renewAlone(old: Tokens): Promise<string | null> {
    const stored = readSession(this.memory);
    if (!stored) throw new SignedOut();
    // Another tab was quicker.
    if (stored.tokens && stored.tokens.access !== old.access && isFresh(stored.tokens, Date.now())) return stored.tokens.access;
    if (!stored.tokens) return null;
    const request = jsonRequest<'RefreshToken'>('POST', { refresh_token: stored.tokens.refresh });
    const response = await send('/api/auth/refresh', request, { replayable: true });
    if (response.status === 401) {
      this.expire();
      return null;
    }
    const answer = await readAnswer<TokenAnswer>(response);
    const now = readSession(this.memory);
    if (now?.user.id !== stored.user.id) {
      // Signed out while the answer was on its way: the session ends, and nobody is signed in again.
      this.endOnServer(answer.refresh_token);
      return null;
    }
    // Signed in anew meanwhile, or another tab has renewed the same token.
    if (now.tokens && now.tokens.refresh !== stored.tokens.refresh) return null;
    this.accept(answer);
    return answer.access_token;
  }

  private expire(): void {
    const stored = readSession(this.memory);
    if (stored) writeSession(this.memory, { user: stored.user, tokens: null });
    this.follow();
  }

  private signedInAgain(): Promise<void> {
    return new Promise((resolve, reject) => this.waiting.push({ resolve, reject }));
  }

  private stateNow(): SessionState {
    const stored = readSession(this.memory);
    if (!stored) return { kind: 'signed-out' };
    return { kind: stored.tokens ? 'signed-in' : 'expired', user: stored.user };
  }

  private follow(): void {
    const before = this.state.get();
    const now = this.stateNow();
    const sameUser = before.kind !== 'signed-out' && now.kind !== 'signed-out' && before.user.id === now.user.id;
    if (!sameUser || before.kind !== now.kind) this.state.set(now);
    if (now.kind === 'expired') return;
    const waiting = this.waiting;
    this.waiting = [];
    for (const { resolve, reject } of waiting) sameUser ? resolve() : reject(new SignedOut());
  }
}

/** Web Locks where they exist (https and localhost); elsewhere the server's window for lost answers covers two tabs. */
const alone: Exclusive = (work) =>
  typeof navigator !== 'undefined' && 'locks' in navigator
    ? (navigator.locks.request('todo-chat.refresh', work) as ReturnType<typeof work>)
    : work();

function bearer(headers: HeadersInit | undefined, token: string): Headers {
  const all = new Headers(headers);
  all.set('authorization', `Bearer ${token}`);
  return all;
}

function isRead(init: RequestInit): boolean {
  return init.method === undefined || init.method === 'GET' || init.method === 'DELETE';
}
