import { expect, test, vi } from 'vitest';
import { sleep } from '../src/sleep';
import { conversation, conversationPage, drafts, held, ID, isStream, keys, open, posts, says, stored, stream, WHOLE } from './chatFixture';
import { fakeServer, problem, type Call } from './fakes';

const before = [stored('m-0', 'user', 'Good morning', undefined, 'turn-0'), stored('turn-0', 'assistant', 'Morning.', undefined, 'turn-0')];

/** A conversation that is being opened, and a message that is sent before it is there. */
function sendWhileOpening() {
  const controller = open(false);
  const reading = held<Response>();
  const answering = held<Response>();
  let reads = 0;
  let own = '';
  const calls = fakeServer((call) => {
    if (call.method === 'POST') {
      own = (call.body as { message: { id: string } }).message.id;
      return answering.promise;
    }
    reads += 1;
    return reads === 1 ? reading.promise : conversation(null, ...before, stored(own, 'user', 'Hi'), stored('turn-1', 'assistant', 'Hello Mira.'));
  });
  const loaded = controller.load();
  const sent = controller.send('Hi');
  return { controller, calls, loaded, sent, reading, answering };
}

test('a message sent while the conversation is being opened stays where it is, below what was said before', async () => {
  const { controller, calls, loaded, sent, reading, answering } = sendWhileOpening();
  await vi.waitFor(() => expect(posts(calls)).toHaveLength(1));
  reading.release(conversation(null, ...before));
  await loaded;
  expect(says(controller)).toEqual(['user: Good morning', 'assistant: Morning.', 'user: Hi']);
  expect(controller.view.get()).toMatchObject({ phase: 'ready', busy: true, problem: null });
  answering.release(stream());
  await sent;
  expect(says(controller)).toEqual(['user: Good morning', 'assistant: Morning.', 'user: Hi', 'assistant: Hello Mira.']);
  await vi.waitFor(() => expect(controller.view.get().title).toBe('Hi'));
  expect(says(controller)).toEqual(['user: Good morning', 'assistant: Morning.', 'user: Hi', 'assistant: Hello Mira.']);
  expect(controller.view.get()).toMatchObject({ busy: false, problem: null });
  expect(posts(calls)).toHaveLength(1);
  expect(drafts.sent(ID)).toBeNull();
});

test('an answer that is found running while a message is under way is left for later', async () => {
  const { calls, loaded, sent, reading, answering } = sendWhileOpening();
  await vi.waitFor(() => expect(posts(calls)).toHaveLength(1));
  reading.release(conversation('turn-0', ...before));
  await loaded;
  answering.release(problem(409, 'turn_in_progress', 'Busy.', { 'retry-after': '0' }));
  await vi.waitFor(() => expect(posts(calls)).toHaveLength(2));
  await sent;
  const [first, second] = keys(calls);
  expect(first).toBe(second);
  expect(posts(calls)[1]!.body).toMatchObject({ trigger: 'submit-message' });
  expect(calls.filter(isStream)).toHaveLength(0);
});

test('a message that opens a conversation is not taken for one of a conversation that is gone', async () => {
  const { controller, loaded, sent, reading, answering } = sendWhileOpening();
  reading.release(problem(404, 'conversation_not_found'));
  await loaded;
  expect(controller.view.get()).toMatchObject({ phase: 'ready', busy: true, problem: null });
  answering.release(stream());
  await sent;
  expect(controller.view.get()).toMatchObject({ phase: 'ready', problem: null });
});

test('what was said before is read again when a message was sent although it could not be read', async () => {
  const { controller, loaded, sent, reading, answering } = sendWhileOpening();
  reading.release(problem(500, 'internal_error'));
  await loaded;
  expect(controller.view.get()).toMatchObject({ phase: 'ready', busy: true, problem: null });
  answering.release(stream());
  await sent;
  await vi.waitFor(() => expect(says(controller)).toEqual(['user: Good morning', 'assistant: Morning.', 'user: Hi', 'assistant: Hello Mira.']));
});

test('a message that goes out while the conversation is read again keeps its answer', async () => {
  const controller = open();
  fakeServer(() => stream());
  await controller.send('Hi');
  const question = controller.chat.messages[0]!.id;
  const reading = held<Response>();
  const second = WHOLE.map((chunk) => (chunk.messageId ? { ...chunk, messageId: 'turn-2' } : chunk));
  const answering = held<Response>();
  const calls = fakeServer((call) => (call.method === 'POST' ? answering.promise : reading.promise));
  const loaded = controller.load();
  const sent = controller.send('And you?');
  await vi.waitFor(() => expect(posts(calls)).toHaveLength(1));
  reading.release(conversation(null, stored(question, 'user', 'Hi'), stored('turn-1', 'assistant', 'Hello Mira.')));
  await loaded;
  expect(says(controller)).toEqual(['user: Hi', 'assistant: Hello Mira.', 'user: And you?']);
  expect(controller.view.get()).toMatchObject({ busy: true, problem: null });
  answering.release(stream(99, second));
  await sent;
  expect(says(controller)).toEqual(['user: Hi', 'assistant: Hello Mira.', 'user: And you?', 'assistant: Hello Mira.']);
});

test('a message that nobody has got is kept, also when it says the same as the one before', async () => {
  fakeServer((call) => {
    if (call.method === 'POST') throw new TypeError('Failed to fetch');
    return isStream(call) ? new Response(null, { status: 204 }) : conversation(null, ...before);
  });
  drafts.keepSent(ID, { key: 'm-1', text: 'Good morning', after: 'm-0' });
  const controller = open(false);
  await controller.load();
  expect(says(controller).at(-1)).toBe('user: Good morning');
  expect(says(controller)).toHaveLength(3);
  expect(drafts.sent(ID)).not.toBeNull();
});

test('older messages that were loaded are there once, also where the conversation is read twice while somebody goes on', async () => {
  const all = Array.from({ length: 61 }, (_, index) => `t${index}`).flatMap((turn) => [stored(`m-${turn}`, 'user', 'Hi', undefined, turn), stored(turn, 'assistant', 'Hello.', undefined, turn)]);
  const controller = open(false);
  fakeServer((call) => conversationPage(call, all));
  await controller.load();
  await controller.loadEarlier();
  const reading = held<Response>();
  const answering = held<Response>();
  const page = { path: '/c?limit=60' } as Call;
  let calls = fakeServer((call) => (call.method === 'POST' ? answering.promise : conversationPage(page, all)));
  const loaded = controller.load();
  const sent = controller.send('Hi');
  await loaded;
  // What was read came too late, so it is read again; meanwhile the next message goes out.
  const second = held<Response>();
  calls = fakeServer((call) => (call.method === 'POST' ? second.promise : reading.promise));
  answering.release(stream());
  await sent;
  await vi.waitFor(() => expect(calls).toHaveLength(1));
  const next = controller.send('And you?');
  await vi.waitFor(() => expect(posts(calls)).toHaveLength(1));
  reading.release(conversationPage(page, all));
  await sleep(10);
  second.release(stream(99, [{ ...WHOLE[0], messageId: 'turn-2' }, ...WHOLE.slice(1)]));
  await next;
  const ids = controller.chat.messages.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(controller.view.get().earlier).toBeNull();
});
