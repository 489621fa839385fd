import { expect, test } from 'vitest';
import { conversation, open, says, stored, stream, WHOLE } from './chatWith';
import { fakeServer } from './fakes';

const TOOL = { type: 'tool-delete_task', toolCallId: 'c-1', state: 'output-available', input: { task_id: [1, 2] } };
const WITH_CARD = [
  WHOLE[0]!,
  { type: 'start-step' },
  { type: 'tool-input-available', toolCallId: 'c-1', toolName: 'delete_task', input: TOOL.input },
  { type: 'tool-output-available', toolCallId: 'c-1', output: { success: false, approval: { id: 'a-1', state: 'waiting' } } },
  { type: 'finish-step' },
  ...WHOLE.slice(1),
];
const words = { type: 'text', text: 'Hello Mira.', state: 'done' };

/** The answer with a card as the server keeps it, in another order of members; its question was answered so. */
const answer = (state: string, text = 'Hello Mira.') =>
  stored('turn-1', 'assistant', text, [{ type: 'step-start' }, { ...TOOL, output: { approval: { state, id: 'a-1' }, success: false } }, { type: 'step-start' }, { ...words, text }]);

async function answeredHere() {
  const controller = open();
  fakeServer(() => stream(99, WITH_CARD));
  await controller.send('Hi');
  return { controller, question: controller.chat.messages[0]!.id };
}

test('where nothing was changed elsewhere the newest turn is all that is read', async () => {
  const { controller, question } = await answeredHere();
  const calls = fakeServer(() => conversation(null, stored(question, 'user', 'Hi'), answer('waiting')));
  await controller.refresh();
  expect(calls.map(({ path }) => path.split('?')[1])).toEqual(['limit=1']);
});

test('another answer that was given on another device shows', async () => {
  const { controller, question } = await answeredHere();
  fakeServer(() => conversation(null, stored(question, 'user', 'Hi'), answer('waiting', 'Good evening.')));
  await controller.refresh();
  expect(says(controller)).toEqual(['user: Hi', 'assistant: Good evening.']);
});

test('a message that was edited on another device shows', async () => {
  const { controller, question } = await answeredHere();
  fakeServer(() => conversation(null, stored(question, 'user', 'Hi there'), answer('waiting')));
  await controller.refresh();
  expect(says(controller)).toEqual(['user: Hi there', 'assistant: Hello Mira.']);
});

test('a yes that was given on another device shows in its card', async () => {
  const { controller, question } = await answeredHere();
  fakeServer(() => conversation(null, stored(question, 'user', 'Hi'), answer('approved')));
  await controller.refresh();
  expect(controller.chat.lastMessage!.parts[1]).toMatchObject({ output: { approval: { state: 'approved' } } });
});

test('older messages that were loaded stay when something new shows', async () => {
  const { controller, question } = await answeredHere();
  const older = [stored('m-0', 'user', 'Good morning', undefined, 'turn-0'), stored('turn-0', 'assistant', 'Morning.', undefined, 'turn-0')];
  fakeServer(() => conversation(null, ...older));
  await controller.loadEarlier();
  fakeServer(() => conversation(null, stored(question, 'user', 'Hi'), answer('waiting', 'Good evening.')));
  await controller.refresh();
  expect(says(controller)).toEqual(['user: Good morning', 'assistant: Morning.', 'user: Hi', 'assistant: Good evening.']);
});
