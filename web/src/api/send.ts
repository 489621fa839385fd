import { backOff, sleep } from '../sleep';
import { connection } from './connectionStatus';
import { apiError, Unreachable } from './apiErrors';
import { ownTimeZone } from './timeZone';
import type { Schemas } from './types';

/** Prefix of every API path; empty when the page and the API share an origin. */
export const API_BASE = String(import.meta.env?.VITE_API_BASE_URL ?? '').replace(/\/+$/, '');

export interface Sending {
  /** Sending it twice is as good as once: reads, deletes, and writes under an idempotency key. */
  replayable: boolean;
  /** How long the headers of the answer may take, where that is longer than usual. */
  headersWithinMs?: number;
}

const READ_TIMEOUT_MS = 60_000;
/** The server answers within 8 s, and opens a stream at once; the rest is for a slow line. Then the same is asked again. */
const REPLAYABLE_HEADERS_MS = 30_000;
/** What cannot be asked again waits as long as anybody answers: a sleeping Space, and its proxy, take up to a minute. */
const HEADERS_MS = 70_000;

/**
 * Sends a request and waits for a server that is still waking up: a sleeping Space answers with a web page or
 * not at all. Whatever our own server answers is returned as it is, except that a database that is briefly
 * away is asked again when that can do no harm.
 */
export async function send(path: string, init: RequestInit, { replayable, headersWithinMs = replayable ? REPLAYABLE_HEADERS_MS : HEADERS_MS }: Sending): Promise<Response> {
  const giveUpAt = Date.now() + READ_TIMEOUT_MS;
  for (let attempt = 0; ; attempt++) {
    const response = await tryOnce(path, init, headersWithinMs);
    const reached = response !== null && isOurs(response);
    if (reached) {
      if (connection.get() !== 'ok') connection.set('ok');
      const wait = replayable && attempt < 3 ? await databasePause(response) : null;
      if (wait === null) return response;
      await sleep(wait, init.signal);
      continue;
    }
    if (isOffline()) {
      connection.set('offline');
      throw new Unreachable(true);
    }
    // A foreign page means that our server never saw the request; silence, or a gateway's page, may mean that it did.
    const harmless = replayable || (response !== null && ![502, 504].includes(response.status));
    const wait = backOff(attempt);
    if (!harmless || Date.now() + wait > giveUpAt) throw new Unreachable(false);
    if (attempt > 0) connection.set('waking');
    await sleep(wait, init.signal);
  }
}

/** A request whose body is one of those that the server's OpenAPI document has: which one must be said. */
export function jsonRequest<Name extends keyof Schemas = never>(method: 'POST' | 'PATCH' | 'DELETE', body: Schemas[Name], headers?: Record<string, string>) {
  return { method, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) };
}

/** Reads JSON; anything but success is thrown as an `ApiError`. */
export async function readAnswer<T>(response: Response): Promise<T> {
  if (!response.ok) throw await apiError(response);
  return response.status === 204 ? (undefined as T) : ((await response.json()) as T);
}

/** Days are those of where the person is. */
function withTimeZone(headers: HeadersInit | undefined): Headers {
  const all = new Headers(headers);
  const zone = ownTimeZone();
  if (zone) all.set('time-zone', zone);
  return all;
}

/** Nothing: the line broke, or is silent. Once the headers are there, the rest of the answer may take its time. */
async function tryOnce(path: string, init: RequestInit, headersWithinMs: number): Promise<Response | null> {
  const { signal } = init;
  // Not `AbortSignal.any`, which Safari has since 17.4 only.
  const abort = new AbortController();
  const follow = () => abort.abort(signal?.reason);
  if (signal?.aborted) follow();
  signal?.addEventListener('abort', follow);
  const timer = setTimeout(() => abort.abort(), headersWithinMs);
  try {
    return await fetch(API_BASE + path, { ...init, headers: withTimeZone(init.headers), signal: abort.signal });
  } catch (error) {
    if (signal?.aborted) throw error;
    return null;
  } finally {
    clearTimeout(timer);
  }
}

function isOurs(response: Response): boolean {
  if (response.status === 204 || response.status === 304) return true;
  const type = response.headers.get('content-type') ?? '';
  return type.includes('json') || type.includes('text/event-stream');
}

async function databasePause(response: Response): Promise<number | null> {
  if (response.status !== 503) return null;
  const { code, retryAfter } = await apiError(response.clone());
  return code === 'database_unavailable' ? Math.min(retryAfter ?? 2, 5) * 1000 : null;
}

const isOffline = () => typeof navigator !== 'undefined' && navigator.onLine === false;
