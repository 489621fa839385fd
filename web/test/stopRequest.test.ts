import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { conversationApi } from '../src/api/conversationApi';
import { Session } from '../src/session/session';
import { inMemoryStorage } from '../src/storage';
import { tokenAnswer } from './fakes';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** How often the server is told to stop within two minutes when it answers so, and what becomes of the request. */
async function stopped(answer: (signal: AbortSignal) => Promise<Response>) {
  const session = new Session(inMemoryStorage(), (work) => work());
  session.accept(tokenAnswer(1));
  const sentAt: number[] = [];
  const begin = Date.now();
  globalThis.fetch = ((_path: string, { signal }: { signal: AbortSignal }) => {
    sentAt.push(Date.now() - begin);
    return answer(signal);
  }) as unknown as typeof fetch;
  let end: number | null = null;
  void conversationApi(session, 'u-1').stop('c-1', null).catch(() => (end = Date.now() - begin));
  await vi.advanceTimersByTimeAsync(120_000);
  return { sentAt, end };
}

const silent = (signal: AbortSignal) => new Promise<Response>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));

test('into silence it is told once, and not later to the next turn', async () => {
  expect(await stopped(silent)).toEqual({ sentAt: [0], end: 2_500 });
});

test('a server that wakes late is not told to stop what began since', async () => {
  const waking = async (signal: AbortSignal) => (signal.aborted ? silent(signal) : new Response('<html>', { status: 503, headers: { 'content-type': 'text/html' } }));
  const { sentAt, end } = await stopped(waking);
  expect(end).toBe(2_500);
  expect(Math.max(...sentAt)).toBeLessThan(2_500);
});
