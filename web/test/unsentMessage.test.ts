import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { afterEach, expect, test, vi } from 'vitest';
import type { ChatController } from '../src/chat/chatController';
import { ComposerState } from '../src/chat/composerState';
import { NotSent } from '../src/chat/turnErrors';
import { TurnError } from '../src/chat/TurnError';
import { type Chunk, conversation, drafts, FAILED, held, ID, keys, open, posts, says, stored, stream, WHOLE } from './chatFixture';
import { fakeServer, problem, type Call } from './fakes';

afterEach(() => vi.unstubAllGlobals());

const away = () => problem(503, 'model_unavailable', 'The model is away.');
const named = (turn: string, chunks: Chunk[] = WHOLE) => stream(99, chunks.map((chunk) => (chunk.messageId ? { ...chunk, messageId: turn } : chunk)));
const models = (calls: Call[]) => posts(calls).map(({ body }) => (body as { model?: string }).model);
const texts = (calls: Call[]) => posts(calls).map(({ body }) => (body as { message: { parts: Array<{ text: string }> } }).message.parts[0]!.text);
const buttons = (controller: ChatController) => [...renderToStaticMarkup(createElement(TurnError, { problem: controller.view.get().problem!, controller, onTakeBack: () => {} })).matchAll(/>([^<>]+)<\/button>/g)].map(([, label]) => label);

/** A turn that fails after it added a task. */
const FAILED_LATE: Chunk[] = [FAILED[0]!, { type: 'tool-input-available', toolCallId: 'c-1', toolName: 'add_task', input: {} }, { type: 'tool-output-available', toolCallId: 'c-1', output: { success: true, task: { id: 1 } } }, FAILED.at(-1)!];
const FAILED_IN_WORDS: Chunk[] = [...WHOLE.slice(0, 4), FAILED.at(-1)!];

test.each(['sending the next one', 'trying again'])('a message that its model could not answer goes to the one that was chosen since, by %s', async (way) => {
  const controller = open();
  let turns = 0;
  const calls = fakeServer((call) => (call.method !== 'POST' ? problem(404, 'not_found') : (call.body as { model?: string }).model === 'large' ? away() : named(`turn-${(turns += 1)}`)));
  controller.chooseModel('large');
  await controller.send('Hi');
  controller.chooseModel('small');
  if (way === 'trying again') await controller.retry();
  await controller.send('And you?');
  expect(says(controller)).toEqual(['user: Hi', 'assistant: Hello Mira.', 'user: And you?', 'assistant: Hello Mira.']);
  expect(models(calls)).toEqual(['large', 'small', undefined]);
  expect(texts(calls)).toEqual(['Hi', 'Hi', 'And you?']);
  expect(new Set(keys(calls)).size).toBe(3);
  expect(controller.chat.messages[0]!.id).toBe(keys(calls)[1]);
});

test('a message that the new model cannot answer either is kept as it was asked last', async () => {
  const controller = open();
  const calls = fakeServer(away);
  controller.chooseModel('large');
  await controller.send('Hi');
  controller.chooseModel('small');
  await controller.send('And you?');
  await controller.retry();
  expect(models(calls)).toEqual(['large', 'small', 'small']);
  expect(drafts.sent(ID)).toMatchObject({ key: keys(calls)[1], text: 'Hi', model: 'small' });
  expect(keys(calls)[2]).toBe(keys(calls)[1]);
});

test('a message of which nobody knows whether it arrived stays with its model and its key', async () => {
  const controller = open();
  vi.stubGlobal('navigator', { onLine: false });
  const calls = fakeServer((call) => {
    if (call.method === 'POST') throw new TypeError('Failed to fetch');
    return problem(404, 'not_found');
  });
  controller.chooseModel('large');
  await controller.send('Hi');
  expect(buttons(controller)).toEqual(['Try again']);
  controller.chooseModel('small');
  await controller.retry();
  expect(models(calls)).toEqual(['large', 'large']);
  expect(new Set(keys(calls)).size).toBe(1);
});

test('a turn that failed after it did something stands in no other message’s way', async () => {
  const controller = open();
  let asked = '';
  const calls = fakeServer((call, count) => {
    if (call.method !== 'POST') return conversation(null, stored(asked, 'user', 'Add milk'), stored('turn-1', 'assistant', 'It failed.'), stored('m-2', 'user', 'Thanks'), stored('turn-2', 'assistant', 'Hello Mira.'));
    if (count === 1) asked = (call.body as { message: { id: string } }).message.id;
    return count === 1 ? stream(99, FAILED_LATE) : named('turn-2');
  });
  await controller.send('Add milk');
  expect(buttons(controller)).toEqual(['Try again']);
  await controller.send('Thanks');
  expect(texts(calls)).toEqual(['Add milk', 'Thanks']);
  expect(controller.view.get().problem).toBeNull();
  // What the server keeps of the turn that failed shows then.
  await vi.waitFor(() => expect(says(controller)).toEqual(['user: Add milk', 'assistant: It failed.', 'user: Thanks', 'assistant: Hello Mira.']));
});

test('a message whose answer failed in its first words is not kept by the server, so it waits, and can be edited', async () => {
  const controller = open();
  const calls = fakeServer(() => stream(99, FAILED_IN_WORDS));
  await controller.send('Hi');
  await controller.send('And you?');
  expect(texts(calls)).toEqual(['Hi', 'Hi']);
  expect(drafts.sent(ID)?.text).toBe('Hi');
  expect(buttons(controller)).toEqual(['Edit', 'Try again']);
  expect(controller.takeBack()).toBe('Hi');
  expect(controller.chat.messages).toEqual([]);
  await controller.send('And you?');
  expect(texts(calls).at(-1)).toBe('And you?');
});

test('a message that no model answers can be edited', async () => {
  const controller = open();
  fakeServer(() => problem(502, 'model_bad_reply', 'The assistant gave no usable answer.'));
  await controller.send('Hi');
  expect(buttons(controller)).toEqual(['Edit', 'Try again']);
});

test('a message whose first request may still be answered cannot be edited, and goes to no other model', async () => {
  vi.useFakeTimers({ shouldAdvanceTime: true, advanceTimeDelta: 500 });
  const controller = open();
  const calls = fakeServer((call) => (call.method === 'POST' ? problem(409, 'request_in_progress', 'Busy.', { 'retry-after': '0' }) : problem(404, 'not_found')));
  await controller.send('Hi');
  expect(buttons(controller)).toEqual(['Try again']);
  controller.chooseModel('small');
  await controller.retry();
  vi.useRealTimers();
  expect(new Set(keys(calls)).size).toBe(1);
});

test('a message that was stopped before it left goes before the next one, also below an answer that did something', async () => {
  const before = [stored('m-0', 'user', 'Add milk', undefined, 'turn-0'), stored('turn-0', 'assistant', 'Added.', [{ type: 'tool-add_task', toolCallId: 'c-0', state: 'output-available', input: {}, output: {} }, { type: 'text', text: 'Added.' }], 'turn-0')];
  const controller = open(false);
  let turns = 0;
  const calls = fakeServer((call) => (call.path.endsWith('/stop') ? new Response(null, { status: 204 }) : call.method === 'POST' ? named(`turn-${(turns += 1)}`) : conversation(null, ...before)));
  await controller.load();
  const sent = controller.send('Hi');
  await Promise.resolve();
  await Promise.all([controller.stop(), sent]);
  expect(controller.view.get().problem).toBeInstanceOf(NotSent);
  await controller.send('And you?');
  const said = posts(calls).filter(({ path }) => !path.endsWith('/stop'));
  expect(texts(said)).toEqual(['Hi', 'And you?']);
  expect(says(controller)).toEqual(['user: Add milk', 'assistant: Added.', 'user: Hi', 'assistant: Hello Mira.', 'user: And you?', 'assistant: Hello Mira.']);
});

test('a message that was taken back in another tab is not sent by this one', async () => {
  drafts.keepSent(ID, { key: 'k-1', text: 'Hi' });
  const controller = open(false);
  const calls = fakeServer((call) => (call.method === 'POST' ? named('turn-1') : problem(404, 'not_found')));
  await controller.load();
  expect(says(controller)).toEqual(['user: Hi']);
  drafts.keepSent(ID, null);
  const phases: string[] = [];
  controller.view.subscribe(() => phases.push(controller.view.get().phase));
  await controller.send('And you?');
  expect(texts(calls)).toEqual(['And you?']);
  expect(says(controller)).toEqual(['user: And you?', 'assistant: Hello Mira.']);
  expect(new Set(phases), 'the page does not leave the conversation').toEqual(new Set(['ready']));
});

test('a message that another tab has sent meanwhile shows with its answer before the next one goes', async () => {
  drafts.keepSent(ID, { key: 'k-1', text: 'Hi' });
  const controller = open(false);
  fakeServer(() => problem(404, 'not_found'));
  await controller.load();
  drafts.keepSent(ID, null);
  const calls = fakeServer((call) => (call.method === 'POST' ? named('turn-2') : conversation(null, stored('k-1', 'user', 'Hi'), stored('turn-1', 'assistant', 'Hello.'))));
  await controller.send('And you?');
  expect(texts(calls)).toEqual(['And you?']);
  expect(says(controller)).toEqual(['user: Hi', 'assistant: Hello.', 'user: And you?', 'assistant: Hello Mira.']);
});

test('where it cannot be found out what became of it, the next one waits', async () => {
  drafts.keepSent(ID, { key: 'k-1', text: 'Hi' });
  const controller = open(false);
  fakeServer(() => problem(404, 'not_found'));
  await controller.load();
  drafts.keepSent(ID, null);
  const calls = fakeServer(() => problem(500, 'internal_error', 'Broken.'));
  await controller.send('And you?');
  expect(posts(calls)).toHaveLength(0);
  expect(controller.view.get().problem?.message).toBe('Broken.');
});

/** A field with words below a message that was not sent, which is on its way now. */
async function sendingUnsent() {
  const controller = open();
  fakeServer(away);
  await controller.send('Buy milk');
  const field = new ComposerState(drafts, controller, ID);
  const leave = field.show();
  field.type('and bread');
  const answering = held<Response>();
  const calls = fakeServer((call) => (call.method === 'POST' ? answering.promise : problem(404, 'not_found')));
  return { controller, field, leave, calls, answer: () => answering.release(stream()) };
}

test('words in a field that is left while an earlier message goes first are not sent by it, and stay', async () => {
  const { controller, field, leave, calls, answer } = await sendingUnsent();
  const sending = field.send();
  leave();
  const again = new ComposerState(drafts, controller, ID);
  again.show();
  answer();
  await sending;
  expect(texts(calls)).toEqual(['Buy milk']);
  expect(again.view.get().draft).toBe('and bread');
  expect(drafts.draft(ID)).toBe('and bread');
});

test('a field that is shown again sends its words, as React mounts it twice', async () => {
  const { field, leave, calls, answer } = await sendingUnsent();
  leave();
  field.show();
  const sending = field.send();
  answer();
  await sending;
  expect(texts(calls)).toEqual(['Buy milk', 'and bread']);
});
