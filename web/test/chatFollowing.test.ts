import { afterEach, expect, test, vi } from 'vitest';
import { Unreachable } from '../src/api/apiErrors';
import { Interrupted } from '../src/chat/turnErrors';
import { conversation, drafts, FAILED, ID, isStream, keys, open, posts, says, stored, stream } from './chatFixture';
import { fakeServer, problem, type Call } from './fakes';

afterEach(() => vi.unstubAllGlobals());

const asked = stored('m-1', 'user', 'Hi');
const answered = conversation.bind(null, null, asked, stored('turn-1', 'assistant', 'Hello Mira.'));
const running = conversation.bind(null, 'turn-1', asked, stored('turn-1', 'assistant', 'Hel'));
const nothingRuns = () => new Response(null, { status: 204 });

/** A page that follows an answer of which it has seen the half when the network goes. */
async function followerWithoutNetwork() {
  const controller = open(false);
  let streams = 0;
  fakeServer((call) => {
    if (!isStream(call)) return running();
    streams += 1;
    if (streams === 1) return stream(4);
    vi.stubGlobal('navigator', { onLine: false });
    throw new TypeError('fetch failed');
  });
  await controller.load();
  expect(controller.view.get().problem).toBeInstanceOf(Unreachable);
  vi.unstubAllGlobals();
  return controller;
}

test('a page that only follows an answer follows on when the network is back', async () => {
  const controller = await followerWithoutNetwork();
  const calls = fakeServer((call) => (isStream(call) ? stream() : running()));
  await controller.retry();
  expect(calls.filter(isStream)).toHaveLength(1);
  expect(posts(calls)).toHaveLength(0);
  expect(says(controller)).toEqual(['user: Hi', 'assistant: Hello Mira.']);
  expect(controller.view.get().problem).toBeNull();
});

test('a page that only follows an answer shows it when it was finished without the network, and asks for no other one', async () => {
  const controller = await followerWithoutNetwork();
  const calls = fakeServer((call) => (isStream(call) ? nothingRuns() : answered()));
  await controller.retry();
  expect(posts(calls)).toHaveLength(0);
  expect(says(controller)).toEqual(['user: Hi', 'assistant: Hello Mira.']);
  expect(controller.view.get().problem).toBeNull();
});

test('an answer that ends while its follower waits to pick it up is shown, and not made anew', async () => {
  const controller = open(false);
  let streams = 0;
  const calls = fakeServer((call) => (isStream(call) ? ((streams += 1) === 1 ? stream(4) : nothingRuns()) : streams === 0 ? running() : answered()));
  await controller.load();
  expect(posts(calls)).toHaveLength(0);
  expect(says(controller)).toEqual(['user: Hi', 'assistant: Hello Mira.']);
  expect(controller.view.get().problem).toBeNull();
});

test('an answer on which nobody works any more is asked for again by a click, and by nothing else', async () => {
  const controller = open(false);
  let streams = 0;
  const calls = fakeServer((call) => (isStream(call) ? ((streams += 1) === 1 ? stream(4) : nothingRuns()) : call.method === 'POST' ? stream() : running()));
  await controller.load();
  expect(controller.view.get().problem).toBeInstanceOf(Interrupted);
  await controller.refresh();
  expect(controller.view.get().problem).toBeInstanceOf(Interrupted);
  expect(says(controller)).toEqual(['user: Hi', 'assistant: Hel']);
  expect(posts(calls)).toHaveLength(0);
  await controller.retry();
  expect(posts(calls)[0]!.body).toMatchObject({ trigger: 'regenerate-message' });
  expect(says(controller)).toEqual(['user: Hi', 'assistant: Hello Mira.']);
});

test('an interrupted answer that another device has brought to its end shows', async () => {
  const controller = open(false);
  fakeServer((call) => (isStream(call) ? nothingRuns() : running()));
  await controller.load();
  const calls = fakeServer(() => answered());
  await controller.refresh();
  expect(posts(calls)).toHaveLength(0);
  expect(says(controller)).toEqual(['user: Hi', 'assistant: Hello Mira.']);
  expect(controller.view.get().problem).toBeNull();
});

test('a follower that gave up shows the answer once it is over', async () => {
  const controller = await followerWithoutNetwork();
  const calls = fakeServer(() => running());
  await controller.refresh();
  expect(calls, 'it is not followed again and again').toHaveLength(1);
  fakeServer(() => answered());
  await controller.refresh();
  expect(says(controller)).toEqual(['user: Hi', 'assistant: Hello Mira.']);
  expect(controller.view.get().problem).toBeNull();
});

test('the question of an answer that failed while it was followed can be sent again', async () => {
  const controller = open(false);
  let followed = false;
  const server = (call: Call) => {
    if (!isStream(call)) return followed ? problem(404, 'conversation_not_found') : running();
    followed = true;
    return stream(99, FAILED);
  };
  fakeServer(server);
  await controller.load();
  expect(controller.view.get()).toMatchObject({ phase: 'ready', problem: { message: 'The model is away.' } });
  expect(says(controller)).toEqual(['user: Hi']);
  expect(drafts.sent(ID)).toMatchObject({ key: 'm-1', text: 'Hi' });
  const calls = fakeServer(() => stream());
  await controller.retry();
  expect(posts(calls)[0]!.body).toMatchObject({ trigger: 'submit-message', message: { id: 'm-1' } });
  expect(keys(calls)).toEqual(['m-1']);
  expect(says(controller)).toEqual(['user: Hi', 'assistant: Hello Mira.']);
});

test('a stream that cannot be opened is not asked for without end', async () => {
  const controller = open(false);
  const calls = fakeServer((call) => (isStream(call) ? problem(503, 'busy', 'Too much to do.') : running()));
  await controller.load();
  await controller.refresh();
  expect(controller.view.get().problem?.message).toBe('Too much to do.');
  expect(calls.filter(isStream)).toHaveLength(1);
});

test('no other answer is asked for by itself after one that failed while it was followed', async () => {
  const controller = open(false);
  let followed = false;
  fakeServer((call) => {
    if (!isStream(call)) return followed ? answered() : running();
    followed = true;
    return stream(99, FAILED);
  });
  await controller.load();
  expect(says(controller)).toEqual(['user: Hi', 'assistant: Hello Mira.']);
  vi.stubGlobal('navigator', { onLine: false });
  fakeServer(() => {
    throw new TypeError('fetch failed');
  });
  await controller.load();
  // `Unreachable` would be tried again as soon as the network is back.
  expect(controller.view.get().problem?.message).toBe('The model is away.');
});
