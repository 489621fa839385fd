import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { expect, test, vi } from 'vitest';
import { answersReplaced, fromStored } from '../src/chat/message';
import { Outdated } from '../src/chat/turnErrors';
import { TurnError } from '../src/chat/TurnError';
import { undoPlaces } from '../src/chat/undoableCall';
import { type Chunk, conversation, FAILED, keys, open, posts, replaced, says, stored, stream, WHOLE } from './chatFixture';
import { fakeServer, problem, type Call } from './fakes';

const refused = () => problem(409, 'nothing_to_regenerate', 'Only the newest message of a conversation can be edited or answered again.');

/** A conversation with one answer, and what the server answers from then on: to requests for another one, and otherwise. */
async function answered(post: (call: Call) => Response, kept: (question: string) => object[] = (question) => [stored(question, 'user', 'Hi'), stored('turn-1', 'assistant', 'Hello Mira.')]) {
  const controller = open();
  fakeServer(() => stream());
  await controller.send('Hi');
  const question = controller.chat.messages[0]!.id;
  const calls = fakeServer((call) => (call.method === 'POST' ? post(call) : conversation(null, ...kept(question))));
  return { controller, question, calls };
}

const editedElsewhere = (question: string) => [stored(question, 'user', 'Good morning'), stored('turn-1', 'assistant', 'Morning, Mira.')];

test('an edit of a message that was edited elsewhere is refused once, and what stands there is shown', async () => {
  vi.useFakeTimers({ shouldAdvanceTime: true, advanceTimeDelta: 200 });
  const { controller, question, calls } = await answered(refused, editedElsewhere);
  await controller.edit(question, 'Good evening');
  vi.useRealTimers();
  expect(posts(calls)).toHaveLength(1);
  expect(says(controller)).toEqual(['user: Good morning', 'assistant: Morning, Mira.']);
  expect(controller.view.get().problem).toBeInstanceOf(Outdated);
  expect(controller.view.get().problem?.message).toContain('went on elsewhere');
});

test('a refused edit does not hide what is said elsewhere from then on', async () => {
  const { controller, question } = await answered(refused, editedElsewhere);
  await controller.edit(question, 'Good evening');
  await controller.refresh();
  expect(controller.view.get().problem, 'nothing new').toBeInstanceOf(Outdated);
  fakeServer(() => conversation(null, ...editedElsewhere(question), stored('m-2', 'user', 'Thanks'), stored('turn-2', 'assistant', 'Bye.')));
  await controller.refresh();
  expect(says(controller).slice(-2)).toEqual(['user: Thanks', 'assistant: Bye.']);
  expect(controller.view.get().problem).toBeNull();
});

test('a refused edit that is tried again replaces the words that are shown by then', async () => {
  let refusals = 0;
  const { controller, question, calls } = await answered(() => ((refusals += 1) === 1 ? refused() : stream()), editedElsewhere);
  await controller.edit(question, 'Good evening');
  await controller.retry();
  expect(posts(calls).map((call) => (call.body as { previous_text: string }).previous_text)).toEqual(['Hi', 'Good morning']);
  expect(new Set(keys(calls)).size).toBe(2);
  expect(says(controller)).toEqual(['user: Good evening', 'assistant: Hello Mira.']);
  expect(controller.view.get().problem).toBeNull();
});

test('an edit that is refused in the stream shows what stands there, too', async () => {
  const { controller, question } = await answered(() => stream(99, [{ type: 'error', errorText: 'Only the newest message can be edited.' }]), editedElsewhere);
  await controller.edit(question, 'Good evening');
  expect(says(controller)).toEqual(['user: Good morning', 'assistant: Morning, Mira.']);
  expect(controller.view.get().problem).toBeInstanceOf(Outdated);
});

test('another answer that is refused is not asked for of what came since', async () => {
  const since = (question: string) => [stored(question, 'user', 'Hi'), stored('turn-1', 'assistant', 'Hello Mira.'), stored('m-2', 'user', 'Thanks'), stored('turn-2', 'assistant', 'Bye.')];
  const { controller, question } = await answered(refused, since);
  await controller.regenerate();
  expect(controller.view.get().problem).toBeInstanceOf(Outdated);
  const calls = fakeServer((call) => (call.path.includes('/chat/') ? new Response(null, { status: 204 }) : conversation(null, ...since(question))));
  await controller.retry();
  expect(posts(calls)).toHaveLength(0);
  expect(says(controller)).toEqual(['user: Hi', 'assistant: Hello Mira.', 'user: Thanks', 'assistant: Bye.']);
  expect(controller.view.get().problem).toBeNull();
});

test('a model that is down leaves the old answer with its cards when it is asked for another one', async () => {
  const { controller } = await answered(() => stream(99, FAILED));
  const before = controller.chat.messages;
  await controller.regenerate();
  expect(controller.view.get().problem?.message).toBe('The model is away.');
  expect(says(controller)).toEqual(['user: Hi', 'assistant: Hello Mira.']);
  expect(controller.chat.messages.map(({ id }) => id)).toEqual(before.map(({ id }) => id));
});

test('an edit that a model which is down does not answer leaves the old words, however often it is tried', async () => {
  const { controller, question, calls } = await answered(() => stream(99, FAILED));
  await controller.edit(question, 'Good evening');
  expect(says(controller)).toEqual(['user: Hi', 'assistant: Hello Mira.']);
  await controller.retry();
  expect(says(controller)).toEqual(['user: Hi', 'assistant: Hello Mira.']);
  expect(controller.view.get().problem?.message).toBe('The model is away.');
  expect(new Set(keys(calls)).size).toBe(1);
  expect(posts(calls)).toHaveLength(2);
});

test('the old answer is there again at once, also where the server cannot be asked what it kept', async () => {
  const { controller } = await answered(() => stream(99, FAILED));
  const calls = fakeServer((call) => (call.method === 'POST' ? stream(99, FAILED) : problem(500, 'internal_error', 'Broken.')));
  await controller.regenerate();
  expect(calls.length).toBeGreaterThan(1);
  expect(says(controller)).toEqual(['user: Hi', 'assistant: Hello Mira.']);
  expect(controller.view.get().problem?.message).toBe('The model is away.');
});

test('where an answer broke off in its words, what the server has kept is shown', async () => {
  const half: Chunk[] = [...WHOLE.slice(0, 4), { type: 'error', errorText: 'The model broke off.' }];
  const { controller } = await answered(() => stream(99, half));
  await controller.regenerate();
  expect(controller.view.get().problem?.message).toBe('The model broke off.');
  expect(says(controller)).toEqual(['user: Hi', 'assistant: Hello Mira.']);
});

test('what an answer did before it failed stays shown', async () => {
  const undone = { type: 'tool-undo_replaced', toolCallId: 'c-1', state: 'output-available', input: {}, output: { success: true } };
  const failed: Chunk[] = [FAILED[0]!, { type: 'start-step' }, { type: 'tool-input-available', toolCallId: 'c-1', toolName: 'undo_replaced', input: {} }, { type: 'tool-output-available', toolCallId: 'c-1', output: undone.output }, ...FAILED.slice(2)];
  const { controller } = await answered(() => stream(99, failed), (question) => [stored(question, 'user', 'Hi'), stored('turn-1', 'assistant', 'Taken back.', [undone, { type: 'text', text: 'Taken back.' }])]);
  await controller.regenerate();
  expect(controller.chat.lastMessage?.parts[0]).toMatchObject({ type: 'tool-undo_replaced' });
  expect(says(controller)).toEqual(['user: Hi', 'assistant: Taken back.']);
});

test('where the line broke nothing is put back, because the answer may be complete on the server', async () => {
  vi.useFakeTimers();
  const { controller, question } = await answered(() => stream(2));
  fakeServer((call) => (call.method === 'POST' ? stream(2) : new Response(null, { status: 204 })));
  const editing = controller.edit(question, 'Good evening');
  await vi.advanceTimersByTimeAsync(60_000);
  await editing;
  vi.useRealTimers();
  expect(controller.view.get().problem?.name).toBe('ConnectionLost');
  expect(says(controller)[0]).toBe('user: Good evening');
});

test('the words of an edit that is refused are taken back, and the message it was for stays', async () => {
  const { controller, question } = await answered(() => problem(422, 'validation_error', 'Too long.'));
  await controller.edit(question, 'Good evening');
  expect(controller.takeBack()).toBe('Good evening');
  expect(says(controller)).toEqual(['user: Hi', 'assistant: Hello Mira.']);
  expect(controller.view.get().problem).toBeNull();
});

test('another answer that is refused has no words to edit, and leaves question and answer on the screen', async () => {
  const { controller, question } = await answered(() => problem(422, 'validation_error', 'Not now.'));
  const buttons = () => [...renderToStaticMarkup(createElement(TurnError, { problem: controller.view.get().problem!, controller, onTakeBack: () => {} })).matchAll(/>([^<>]+)<\/button>/g)].map(([, label]) => label);
  await controller.regenerate();
  expect(buttons()).toEqual(['Try again']);
  expect(controller.takeBack()).toBe('');
  expect(says(controller)).toEqual(['user: Hi', 'assistant: Hello Mira.']);
  await controller.edit(question, 'Good evening');
  expect(buttons()).toEqual(['Edit', 'Try again']);
});

test('an edit that broke off is not taken for outdated where the server cannot be asked what it kept', async () => {
  const { controller, question } = await answered(() => stream());
  const half: Chunk[] = [...WHOLE.slice(0, 4), { type: 'error', errorText: 'The model broke off.' }];
  const calls = fakeServer((call) => (call.method === 'POST' ? stream(99, half) : problem(500, 'internal_error', 'Broken.')));
  await controller.edit(question, 'Good evening');
  expect(controller.view.get().problem?.message).toBe('The model broke off.');
  await controller.retry();
  expect(new Set(keys(calls)).size).toBe(1);
});

test('a model that was chosen stays chosen when another answer is refused', async () => {
  const { controller } = await answered(() => problem(422, 'validation_error', 'Not now.'));
  controller.chooseModel('large');
  await controller.regenerate();
  expect(controller.view.get().problem?.message).toBe('Not now.');
  expect(controller.view.get().model).toBe('large');
});

/** An answer that adds the task; calls have the same ids in each answer of a turn. */
const adding = (task: number): Chunk[] => [WHOLE[0]!, { type: 'tool-input-available', toolCallId: 'turn-1-0-0', toolName: 'add_task', input: { title: 'Milk' } }, { type: 'tool-output-available', toolCallId: 'turn-1-0-0', output: { success: true, task: { id: task } } }, ...WHOLE.slice(1)];
const added = (task: number) => [{ type: 'tool-add_task', toolCallId: 'turn-1-0-0', state: 'output-available', input: { title: 'Milk' }, output: { success: true, task: { id: task } } }, { type: 'step-start' }, { type: 'text', text: 'Hello Mira.', state: 'done' }];

async function addedMilk() {
  const controller = open();
  fakeServer(() => stream(99, adding(1)));
  await controller.send('Add milk');
  return { controller, question: controller.chat.messages[0]!.id };
}

test('what was undone of an answer is told when another one, or one to other words, takes its place', async () => {
  const { controller, question } = await addedMilk();
  fakeServer(() => stream(99, adding(2)));
  await controller.regenerate();
  expect(replaced).toEqual(['turn-1']);
  fakeServer(() => stream());
  await controller.edit(question, 'Hi');
  expect(replaced).toEqual(['turn-1', 'turn-1']);
});

test('an answer that was replaced in another tab is told, and one that is there again is not', async () => {
  const { controller, question } = await addedMilk();
  fakeServer((call) => (call.method === 'POST' ? stream(99, FAILED) : conversation(null, stored(question, 'user', 'Add milk'), stored('turn-1', 'assistant', 'Hello Mira.', added(1)))));
  await controller.regenerate();
  expect(replaced).toEqual([]);
  const other = await addedMilk();
  fakeServer(() => conversation(null, stored(other.question, 'user', 'Add milk'), stored('turn-1', 'assistant', 'Hello Mira.', added(2))));
  await other.controller.load();
  expect(replaced).toEqual(['turn-1']);
});

test('where an answer goes on, because its question was answered, what it did before is not replaced', async () => {
  const { controller, question } = await addedMilk();
  const before = controller.chat.messages;
  const goesOn = [...added(1), { type: 'tool-delete_task', toolCallId: 'turn-1-1-0', state: 'output-available', input: {}, output: { success: true } }];
  expect(answersReplaced(before, [fromStored(stored('turn-1', 'assistant', 'Hello Mira.', goesOn) as never)]).map(undoPlaces)).toEqual([['turn-1']]);
  expect(answersReplaced(before, [fromStored(stored('turn-1', 'assistant', 'Hello Mira.', added(2)) as never)]).map(undoPlaces)).toEqual([['turn-1', 'turn-1-0-0']]);
  expect(answersReplaced(before, [fromStored(stored('turn-1', 'assistant', 'Hello Mira.') as never)]).map(undoPlaces)).toEqual([['turn-1', 'turn-1-0-0']]);
  fakeServer(() => conversation(null, stored(question, 'user', 'Add milk'), stored('turn-1', 'assistant', 'Hello Mira.', goesOn)));
  await controller.load();
  expect(replaced).toEqual(['turn-1']);
});
