import { expect, test, vi } from 'vitest';
import { conversation, conversationPage, held, ID, open, says, stored, stream, WHOLE } from './chatFixture';
import { fakeServer, json, problem } from './fakes';

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

/** A conversation of so many turns, of which a page holds sixty. */
const longAgo = (turns: number) => Array.from({ length: turns }, (_, index) => `t${index}`).flatMap((turn) => [stored(`m-${turn}`, 'user', `Question ${turn}`, undefined, turn), stored(turn, 'assistant', `Answer ${turn}`, undefined, turn)]);

test('older messages are shown turn by turn, as long as the server has more', async () => {
  const all = longAgo(130);
  const controller = open(false);
  fakeServer((call) => conversationPage(call, all));
  await controller.load();
  expect(controller.chat.messages).toHaveLength(120);
  const earlier = () => Boolean(controller.view.get().earlier);
  expect(earlier()).toBe(true);
  await controller.loadEarlier();
  expect(controller.chat.messages).toHaveLength(240);
  expect(earlier()).toBe(true);
  await controller.loadEarlier();
  expect(controller.chat.messages.map(({ id }) => id)).toEqual(all.map(({ id }) => id));
  expect(earlier()).toBe(false);
});

test('where the server has no more nothing older is offered, however many messages a turn has', async () => {
  const controller = open(false);
  fakeServer((call) => conversationPage(call, longAgo(60)));
  await controller.load();
  expect(controller.chat.messages).toHaveLength(120);
  expect(controller.view.get().earlier).toBeFalsy();
});

test('older messages are found also where a message is sent before the conversation is there', async () => {
  const controller = open(false);
  const reading = held<Response>();
  const calls = fakeServer((call) => (call.method === 'POST' ? problem(503, 'model_unavailable', 'The model is away.') : reading.promise));
  const loaded = controller.load();
  const sent = controller.send('Hi');
  await vi.waitFor(() => expect(calls).toHaveLength(2));
  reading.release(conversationPage(calls.find(({ method }) => method === 'GET')!, longAgo(61)));
  await Promise.all([loaded, sent]);
  expect(controller.view.get().earlier).toBeTruthy();
});

test('older messages that were loaded stay when something new shows', async () => {
  const { controller, question } = await answeredHere();
  const older = [stored('m-0', 'user', 'Good morning', undefined, 'turn-0'), stored('turn-0', 'assistant', 'Morning.', undefined, 'turn-0')];
  const link = { link: `</api/u-1/conversations/${ID}?limit=60&before=turn-1>; rel="next"` };
  fakeServer((call) => (call.path.includes('before=turn-1') ? conversation(null, ...older) : json({ id: ID, title: 'Hi', created_at: '', updated_at: '', running_turn_id: null, messages: [stored(question, 'user', 'Hi'), answer('waiting')] }, 200, link)));
  await controller.load();
  await controller.loadEarlier();
  fakeServer(() => conversation(null, stored(question, 'user', 'Hi'), answer('waiting', 'Good evening.')));
  await controller.refresh();
  expect(says(controller)).toEqual(['user: Good morning', 'assistant: Morning.', 'user: Hi', 'assistant: Good evening.']);
  expect(controller.view.get().earlier).toBeFalsy();
});
