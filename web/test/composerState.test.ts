import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { conversationApi } from '../src/api/conversationApi';
import { ChatController } from '../src/chat/chatController';
import { ChatTransport } from '../src/chat/chatTransport';
import { Drafts } from '../src/chat/drafts';
import { textOf, userMessage } from '../src/chat/message';
import { ComposerState } from '../src/chat/composerState';
import { Session } from '../src/session/session';
import { inMemoryStorage } from '../src/storage';
import { fakeServer, json, problem, tokenAnswer, type Call } from './fakes';

const ID = '11111111-1111-4111-8111-111111111111';
const memory = inMemoryStorage();
let drafts: Drafts;
/** How the server answers a message; it keeps what it has answered. */
let answer: () => Response;
let kept: Array<{ id: string; role: string; content: string; parts: [] }>;
let calls: Call[];

beforeEach(() => {
  for (const key of memory.keys()) memory.remove(key);
  drafts = new Drafts(memory, 'u-1');
  kept = [];
  answer = () => said('Done.');
  calls = fakeServer(({ method, path, body }) => {
    if (method === 'GET' && path.endsWith('/stream')) return new Response(null, { status: 204 });
    if (method === 'GET') return kept.length > 0 ? json({ title: null, model: null, running_turn_id: null, messages: kept }) : problem(404, 'not_found');
    const response = answer();
    const { message } = body as { message: { id: string; parts: Array<{ text: string }> } };
    if (response.ok) kept = [{ id: message.id, role: 'user', content: message.parts[0]!.text, parts: [] }, { id: 'turn-1', role: 'assistant', content: 'Done.', parts: [] }];
    return response;
  });
});
afterEach(() => vi.unstubAllGlobals());

function said(text: string, turn = 'turn-1'): Response {
  const chunks = [{ type: 'start', messageId: turn }, { type: 'text-start', id: 't' }, { type: 'text-delta', id: 't', delta: text }, { type: 'text-end', id: 't' }, { type: 'finish', finishReason: 'stop' }];
  return new Response([...chunks.map((chunk) => JSON.stringify(chunk)), '[DONE]'].map((data) => `data: ${data}\n\n`).join(''), { headers: { 'content-type': 'text/event-stream' } });
}

function away(): Response {
  vi.stubGlobal('navigator', { onLine: false });
  throw new TypeError('network');
}

/** The page with its conversation, as after a reload. */
async function open(isNew = false) {
  const session = new Session(memory, (work) => work());
  session.accept(tokenAnswer(1));
  const nothing = () => {};
  const events = { approval: nothing, effects: nothing, started: () => drafts.keepSent(ID, null), toolDone: nothing, conversation: nothing, finished: nothing };
  const around = { api: conversationApi(session, 'u-1'), transport: new ChatTransport(session, 'u-1', events), drafts, pageSize: 60, placed: nothing, beforeSending: async () => {}, afterTurn: nothing, renamed: nothing, replaced: nothing };
  const controller = new ChatController(ID, isNew, around);
  if (!isNew) await controller.load();
  const field = new ComposerState(drafts, controller, isNew ? 'new' : ID);
  field.settle();
  const shown = () => field.view.get().editing?.text ?? field.view.get().draft;
  const says = () => controller.chat.messages.map(textOf);
  return { controller, field, shown, says };
}

/** A conversation in which one message was answered, and its words are changed. */
async function editing(words: string) {
  const page = await open(true);
  page.field.type('Buy mlik');
  await page.field.send();
  page.field.moveTo(ID);
  page.field.settle();
  page.field.edit(page.controller.chat.messages[0]!, undefined);
  expect(page.shown()).toBe('Buy mlik');
  page.field.type(words);
  return page;
}

test('a message that was not sent comes back above what was typed since', async () => {
  const { controller, field, shown } = await open(true);
  answer = () => problem(422, 'invalid', 'Not like this.');
  field.type('Hi');
  await field.send();
  field.moveTo(ID);
  expect(shown()).toBe('');
  field.type('and bread');
  field.takeBack(controller.takeBack());
  expect(shown()).toBe('Hi\nand bread');
  expect((await open()).shown()).toBe('Hi\nand bread');
});

test('a message that was not sent goes before the words below it, which stay in the field until then', async () => {
  const { controller, field, shown, says } = await open(true);
  answer = () => problem(503, 'model_unavailable', 'The model is away.');
  field.type('Buy milk');
  await field.send();
  field.moveTo(ID);
  field.type('and bread');
  await field.send();
  expect(says()).toEqual(['Buy milk']);
  expect(shown()).toBe('and bread');
  expect(drafts.draft(ID)).toBe('and bread');
  expect(drafts.sent(ID)?.text).toBe('Buy milk');

  let answers = 0;
  answer = () => said('Done.', `turn-${(answers += 1)}`);
  await field.send();
  expect(says()).toEqual(['Buy milk', 'Done.', 'and bread', 'Done.']);
  expect(shown()).toBe('');
  expect(controller.view.get().problem).toBeNull();
  const keys = calls.filter(({ method }) => method === 'POST').map(({ headers }) => headers.get('idempotency-key'));
  const [milk, bread] = controller.chat.messages.filter(({ role }) => role === 'user').map(({ id }) => id);
  expect(keys).toEqual([milk, milk, milk, bread]);
});

test('words that are typed on while a message that was not sent goes first are not sent', async () => {
  const { field, shown, says } = await open(true);
  answer = () => problem(503, 'model_unavailable', 'The model is away.');
  field.type('Buy milk');
  await field.send();
  field.type('and');
  answer = () => said('Done.');
  const sending = field.send();
  field.type('and bread');
  await sending;
  expect(says()).toEqual(['Buy milk', 'Done.']);
  expect(shown()).toBe('and bread');
});

test('an example does not take the place of a message that was not sent', async () => {
  const { controller, field, says } = await open(true);
  answer = () => problem(503, 'model_unavailable', 'The model is away.');
  field.type('Buy milk');
  await field.send();
  await controller.send('What can you do?');
  expect(says()).toEqual(['Buy milk']);
  expect(drafts.sent(ID)?.text).toBe('Buy milk');
});

test('a draft stays when an example is sent from a new conversation, and goes with it to its own place', async () => {
  const { controller, field, shown } = await open(true);
  field.type('half a thought');
  await controller.send('What can you do?');
  field.moveTo(ID);
  field.settle();
  expect(shown()).toBe('half a thought');
  expect(drafts.draft(ID)).toBe('half a thought');
  expect(drafts.draft('new')).toBe('');
});

test('other words for a message are there again after a reload, and what stood in the field comes back after them', async () => {
  const before = await editing('Buy milk');
  before.field.stopEditing();
  before.field.type('and bread');
  before.field.edit(before.controller.chat.messages[0]!, 'taken back');
  before.field.type('Buy milk');
  before.field.chooseReplaced('stays');

  const { controller, field, shown, says } = await open();
  expect(field.view.get()).toEqual({ draft: 'and bread', editing: { id: controller.chat.messages[0]!.id, text: 'Buy milk', replaced: 'stays' } });
  await field.send();
  field.settle();
  expect(says()).toEqual(['Buy milk', 'Done.']);
  expect(calls.at(-1)!.body).toMatchObject({ messageId: controller.chat.messages[0]!.id, undo_replaced: false });
  expect(shown()).toBe('and bread');
  expect((await open()).field.view.get()).toEqual({ draft: 'and bread', editing: null });
});

test('an edit that reaches nobody is kept until it is answered', async () => {
  const { controller, field, says } = await editing('Buy milk');
  answer = away;
  await field.send();
  field.settle();
  expect(controller.view.get().problem?.message).toContain('Nothing is lost');
  expect((await open()).shown()).toBe('Buy milk');

  answer = () => said('Done.');
  await controller.retry();
  field.settle();
  expect(says()).toEqual(['Buy milk', 'Done.']);
  expect(drafts.edit(ID)).toBeNull();
});

test('an edit that is refused can be edited, and the message stays where it was', async () => {
  const { controller, field, shown, says } = await editing('Buy milk');
  answer = () => problem(422, 'invalid', 'Not like this.');
  await field.send();
  field.takeBack(controller.takeBack());
  expect(shown()).toBe('Buy milk');
  expect(says()).toEqual(['Buy mlik', 'Done.']);

  // Also when another conversation was looked at meanwhile.
  await field.send();
  const again = new ComposerState(drafts, controller, ID);
  again.takeBack(controller.takeBack());
  again.settle();
  expect(again.view.get()).toMatchObject({ draft: '', editing: { text: 'Buy milk' } });
});

test('an edit that came too late, because the conversation went on elsewhere, is in the field as a new message', async () => {
  const { controller, field, shown } = await editing('Buy milk');
  kept = [...kept, { id: 'later', role: 'user', content: 'and bread', parts: [] }, { id: 'turn-2', role: 'assistant', content: 'Done.', parts: [] }];
  answer = () => problem(409, 'nothing_to_regenerate');
  await field.send();
  expect(controller.view.get().problem).not.toBeNull();
  expect(drafts.edit(ID)?.text).toBe('Buy milk');
  await controller.retry();
  field.settle();
  expect(controller.view.get().problem).toBeNull();
  expect(shown()).toBe('Buy milk');
  expect(field.view.get().editing).toBeNull();
});

test('the words of an edit of an older message are in the field, above what stands there', async () => {
  const { field } = await editing('Buy milk');
  field.stopEditing();
  field.type('and bread');
  drafts.keepEdit(ID, { id: 'older', text: 'Buy milk' });
  const { field: after, shown } = await open();
  expect(after.view.get()).toEqual({ draft: 'Buy milk\nand bread', editing: null });
  expect(shown()).toBe('Buy milk\nand bread');
  expect(drafts.edit(ID)).toBeNull();
});

test('an edit of before a reload does not come between what is being typed', async () => {
  const { controller, field } = await editing('Buy milk');
  const again = new ComposerState(drafts, controller, ID);
  again.type('and');
  again.settle();
  expect(again.view.get()).toEqual({ draft: 'and', editing: null });
  // It is in the field as soon as that message is edited again.
  again.edit(controller.chat.messages[0]!, undefined);
  expect(again.view.get().editing?.text).toBe('Buy milk');
  field.stopEditing();
  expect(drafts.edit(ID)).toBeNull();
});

test('the words of an edit are kept when its answer was stopped before it began', async () => {
  const { controller, field } = await editing('Buy milk');
  const { id } = controller.chat.messages[0]!;
  controller.chat.messages = [userMessage(id, 'Buy milk')];
  field.settle();
  expect(drafts.edit(ID)?.text).toBe('Buy milk');
});
