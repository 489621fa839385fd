import { expect, test, vi } from 'vitest';
import { SignedOut } from '../src/api/apiErrors';
import { Session, type Exclusive } from '../src/session/session';
import { readSession } from '../src/session/storedSession';
import { inMemoryStorage, type BrowserStorage } from '../src/storage';
import { fakeServer, json, problem, tokenAnswer, user } from './fakes';

/** A lock among tabs, as Web Locks do it. */
function sharedLock(): Exclusive {
  let tail: Promise<unknown> = Promise.resolve();
  return (work) => {
    const turn = tail.then(work, work);
    tail = turn.catch(() => {});
    return turn;
  };
}

function signedIn(memory: BrowserStorage = inMemoryStorage(), lock = sharedLock()) {
  const session = new Session(memory, lock);
  session.accept(tokenAnswer(1));
  return { session, memory, lock };
}

/** A server on which only the newest access token works and every refresh token works once. */
function rotatingServer() {
  let n = 1;
  return fakeServer(async (call) => {
    if (call.path === '/api/auth/refresh') {
      const { refresh_token } = call.body as { refresh_token: string };
      if (refresh_token !== `refresh-${n}`) return problem(401, 'invalid_refresh_token');
      n += 1;
      await new Promise((resolve) => setTimeout(resolve, 5));
      return json(tokenAnswer(n));
    }
    return call.token === `access-${n}` && n > 1 ? json({ ok: true }) : problem(401, 'invalid_token');
  });
}

test('a refused token is renewed once and the request is sent again', async () => {
  const { session } = signedIn();
  const calls = rotatingServer();
  expect((await session.fetch('/api/u-1/tasks')).status).toBe(200);
  expect(calls.map((call) => call.path)).toEqual(['/api/u-1/tasks', '/api/auth/refresh', '/api/u-1/tasks']);
});

test('many requests at once share one renewal', async () => {
  const { session } = signedIn();
  const calls = rotatingServer();
  const answers = await Promise.all([1, 2, 3, 4].map(() => session.fetch('/api/u-1/tasks')));
  expect(answers.map((one) => one.status)).toEqual([200, 200, 200, 200]);
  expect(calls.filter((call) => call.path === '/api/auth/refresh')).toHaveLength(1);
});

test('two tabs share one renewal', async () => {
  const { memory, lock, session } = signedIn();
  const other = new Session(memory, lock);
  const calls = rotatingServer();
  const answers = await Promise.all([session.fetch('/api/u-1/tasks'), other.fetch('/api/u-1/tasks')]);
  expect(answers.every((one) => one.ok)).toBe(true);
  expect(calls.filter((call) => call.path === '/api/auth/refresh')).toHaveLength(1);
});

test('a token about to end is renewed before it is used', async () => {
  const session = new Session(inMemoryStorage(), sharedLock());
  session.accept(tokenAnswer(1, { expires_in: 5 }));
  const calls = rotatingServer();
  expect((await session.fetch('/api/u-1/tasks')).status).toBe(200);
  expect(calls[0]!.path).toBe('/api/auth/refresh');
});

test('an ended session waits for the password and then goes on with what was asked', async () => {
  const { session, memory } = signedIn();
  fakeServer((call) => (call.token === 'access-9' ? json({ ok: true }) : problem(401, 'invalid_refresh_token')));
  const answer = session.fetch('/api/u-1/chat/stream', { method: 'POST', body: '{}' });
  await vi.waitFor(() => expect(session.state.get().kind).toBe('expired'));
  expect(readSession(memory)?.user.email).toBe(user.email);
  session.accept(tokenAnswer(9));
  expect((await answer).status).toBe(200);
  expect(session.state.get().kind).toBe('signed-in');
});

test('nothing goes on under another name', async () => {
  const { session } = signedIn();
  fakeServer(() => problem(401, 'invalid_refresh_token'));
  const answer = session.fetch('/api/u-1/tasks').catch((error: unknown) => error);
  await vi.waitFor(() => expect(session.state.get().kind).toBe('expired'));
  session.accept(tokenAnswer(9, { user: { ...user, id: 'u-2' } }));
  expect(await answer).toBeInstanceOf(SignedOut);
});

test('signing out tells the server and forgets', async () => {
  const { session, memory } = signedIn();
  const calls = fakeServer(() => new Response(null, { status: 204 }));
  session.signOut();
  expect(session.state.get().kind).toBe('signed-out');
  expect(readSession(memory)).toBeNull();
  expect(calls[0]).toMatchObject({ path: '/api/auth/logout', body: { refresh_token: 'refresh-1' } });
});

test('who signs out while a token is being renewed stays signed out', async () => {
  const { session, memory } = signedIn();
  let answer: (response: Response) => void = () => {};
  const calls = fakeServer((call) => {
    if (call.path === '/api/auth/refresh') return new Promise<Response>((resolve) => (answer = resolve));
    return call.path === '/api/auth/logout' ? new Response(null, { status: 204 }) : problem(401, 'invalid_token');
  });
  const asked = session.fetch('/api/u-1/tasks').catch((error: unknown) => error);
  await vi.waitFor(() => expect(calls.map((call) => call.path)).toContain('/api/auth/refresh'));
  session.signOut();
  session.accept(tokenAnswer(7, { user: { ...user, id: 'u-2' } }));
  answer(json(tokenAnswer(2)));
  await vi.waitFor(() => expect(calls.filter((call) => call.path === '/api/auth/logout')).toHaveLength(2));
  expect(calls.at(-1)).toMatchObject({ path: '/api/auth/logout', body: { refresh_token: 'refresh-2' } });
  expect(readSession(memory)).toMatchObject({ user: { id: 'u-2' }, tokens: { refresh: 'refresh-7' } });
  expect(await asked, 'nothing goes on under another name').toBeInstanceOf(SignedOut);
});

test('a wrong password is an answer that is asked for once, and does not end the session', async () => {
  const { session } = signedIn();
  const calls = fakeServer((call) => (call.path === '/api/auth/refresh' ? json(tokenAnswer(2)) : problem(401, 'wrong_credentials', 'Wrong password.')));
  const response = await session.fetch('/api/auth/password', { method: 'POST', body: '{}', provesPassword: true });
  expect(await response.json()).toMatchObject({ code: 'wrong_credentials' });
  expect(session.state.get().kind).toBe('signed-in');
  expect(calls.map(({ path }) => path)).toEqual(['/api/auth/password']);
});

test('a token that has run out is renewed also where a password is proved', async () => {
  const { session } = signedIn();
  const calls = fakeServer((call) => {
    if (call.path === '/api/auth/refresh') return json(tokenAnswer(2));
    return call.token === 'access-2' ? problem(401, 'wrong_credentials', 'Wrong password.') : problem(401, 'invalid_token');
  });
  const response = await session.fetch('/api/auth/password', { method: 'POST', body: '{}', provesPassword: true });
  expect(await response.json()).toMatchObject({ code: 'wrong_credentials' });
  expect(session.state.get().kind).toBe('signed-in');
  expect(calls.map(({ path }) => path)).toEqual(['/api/auth/password', '/api/auth/refresh', '/api/auth/password']);
});
