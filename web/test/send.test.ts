import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { connection } from '../src/api/connectionStatus';
import { ApiError, Unreachable } from '../src/api/apiErrors';
import { readAnswer, send } from '../src/api/send';
import { fakeServer, json, problem } from './fakes';

beforeEach(() => {
  vi.useFakeTimers();
  connection.set('ok');
});
afterEach(() => vi.useRealTimers());

const page = () => new Response('<html>Space is waking</html>', { status: 503, headers: { 'content-type': 'text/html' } });

test('an answer of ours is returned as it is', async () => {
  fakeServer(() => json({ fine: true }));
  expect(await readAnswer(await send('/api/x', {}, { replayable: true }))).toEqual({ fine: true });
});

test('a problem becomes an error with its sentence, code and wait', async () => {
  fakeServer(() => problem(429, 'too_many', 'Slow down.', { 'retry-after': '7' }));
  const error = await readAnswer(await send('/api/x', {}, { replayable: true })).catch((one: unknown) => one);
  expect(error).toBeInstanceOf(ApiError);
  expect(error).toMatchObject({ message: 'Slow down.', code: 'too_many', status: 429, retryAfter: 7, requestId: 'r' });
});

test('a sleeping server is asked again until it wakes, and the page says so meanwhile', async () => {
  const calls = fakeServer((_, count) => (count < 5 ? page() : json([])));
  const answer = send('/api/x', { method: 'POST' }, { replayable: false });
  await vi.advanceTimersByTimeAsync(2_000);
  expect(connection.get()).toBe('waking');
  await vi.advanceTimersByTimeAsync(20_000);
  expect((await answer).status).toBe(200);
  expect(connection.get()).toBe('ok');
  expect(calls).toHaveLength(5);
});

test('waiting for a sleeping server ends after a minute', async () => {
  fakeServer(() => page());
  const failure = send('/api/x', {}, { replayable: true }).catch((error: unknown) => error);
  await vi.advanceTimersByTimeAsync(61_000);
  expect(await failure).toBeInstanceOf(Unreachable);
});

test('silence is answered by trying again only when that does no harm', async () => {
  const calls = fakeServer(() => {
    throw new TypeError('Failed to fetch');
  });
  await expect(send('/api/x', { method: 'POST' }, { replayable: false })).rejects.toBeInstanceOf(Unreachable);
  expect(calls).toHaveLength(1);

  const again = fakeServer((_, count) => {
    if (count === 1) throw new TypeError('Failed to fetch');
    return json({});
  });
  const answer = send('/api/x', { method: 'POST' }, { replayable: true });
  await vi.advanceTimersByTimeAsync(1_000);
  expect((await answer).ok).toBe(true);
  expect(again).toHaveLength(2);
});

test('a database that is briefly away is asked again, a busy model is not', async () => {
  const calls = fakeServer((_, count) => (count === 1 ? problem(503, 'database_unavailable', 'Away.', { 'retry-after': '2' }) : json({})));
  const answer = send('/api/x', {}, { replayable: true });
  await vi.advanceTimersByTimeAsync(2_100);
  expect((await answer).ok).toBe(true);
  expect(calls).toHaveLength(2);

  fakeServer(() => problem(503, 'model_busy'));
  expect((await send('/api/x', {}, { replayable: true })).status).toBe(503);
});

test('an aborted request is not repeated', async () => {
  const abort = new AbortController();
  const calls = fakeServer(() => {
    abort.abort();
    throw new DOMException('stopped', 'AbortError');
  });
  await expect(send('/api/x', { signal: abort.signal }, { replayable: true })).rejects.toThrow('stopped');
  expect(calls).toHaveLength(1);
});

test("a gateway's page may come after the server did what was asked", async () => {
  const gateway = (status: number) => new Response('<html>Bad gateway</html>', { status, headers: { 'content-type': 'text/html' } });
  for (const status of [502, 504]) {
    const calls = fakeServer(() => gateway(status));
    await expect(send('/api/x', { method: 'POST' }, { replayable: false })).rejects.toBeInstanceOf(Unreachable);
    expect(calls).toHaveLength(1);
  }
});

/** A line that nothing comes back on, until one of the later attempts. */
function silentServer(answersFrom = Infinity) {
  const calls: Array<{ signal: AbortSignal; headers: Headers }> = [];
  globalThis.fetch = ((_path: string, init: RequestInit) => {
    const signal = init.signal ?? new AbortController().signal;
    calls.push({ signal, headers: new Headers(init.headers) });
    if (calls.length >= answersFrom) return Promise.resolve(json({ fine: true }));
    return new Promise<Response>((_, reject) => {
      if (signal.aborted) reject(signal.reason as Error);
      signal.addEventListener('abort', () => reject(signal.reason as Error));
    });
  }) as typeof fetch;
  return calls;
}

test('what is sent into silence is sent again under its key, where that does no harm', async () => {
  const calls = silentServer(2);
  const answer = send('/api/x', { method: 'POST', headers: { 'idempotency-key': 'k' } }, { replayable: true });
  await vi.advanceTimersByTimeAsync(29_000);
  expect(calls).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(2_000);
  expect((await answer).status).toBe(200);
  expect(calls.map(({ headers }) => headers.get('idempotency-key'))).toEqual(['k', 'k']);
});

test('silence that does not end is a lost connection', async () => {
  silentServer();
  const failure = send('/api/x', {}, { replayable: true }).catch((error: unknown) => error);
  await vi.advanceTimersByTimeAsync(62_000);
  expect(await failure).toBeInstanceOf(Unreachable);
});

test('what must not be sent twice waits as long as a sleeping server may take, or as long as it is told', async () => {
  for (const headersWithinMs of [undefined, 200_000]) {
    const calls = silentServer();
    let failure: unknown = null;
    void send('/api/x', { method: 'POST' }, { replayable: false, ...(headersWithinMs && { headersWithinMs }) }).catch((error: unknown) => (failure = error));
    await vi.advanceTimersByTimeAsync((headersWithinMs ?? 70_000) - 1_000);
    expect(failure).toBeNull();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(failure).toBeInstanceOf(Unreachable);
    expect(calls).toHaveLength(1);
  }
});

test('an answer that has begun may take its time, and can still be stopped', async () => {
  const calls = silentServer(1);
  const abort = new AbortController();
  await send('/api/x', { signal: abort.signal }, { replayable: true });
  await vi.advanceTimersByTimeAsync(300_000);
  expect(calls[0]!.signal.aborted).toBe(false);
  abort.abort(new Error('stopped'));
  expect(calls[0]!.signal.reason).toEqual(new Error('stopped'));
});

test('who stops a silent request hears that, and not that the server is away', async () => {
  const calls = silentServer();
  const abort = new AbortController();
  const answer = send('/api/x', { signal: abort.signal }, { replayable: true });
  abort.abort(new Error('stopped'));
  await expect(answer).rejects.toThrow('stopped');
  await expect(send('/api/x', { signal: abort.signal }, { replayable: true })).rejects.toThrow('stopped');
  await vi.advanceTimersByTimeAsync(100_000);
  expect(calls.length).toBeLessThanOrEqual(2);
});
