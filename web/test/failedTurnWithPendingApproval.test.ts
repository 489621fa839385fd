import { beforeEach, expect, test, vi } from 'vitest';
import { Interrupted } from '../src/chat/turnErrors';
import { Session } from '../src/session/session';
import { inMemoryStorage } from '../src/storage';
import { conversation, ID, isStream, keys, open, posts, says, stored, stream } from './chatFixture';
import { fakeServer, json, problem, tokenAnswer, user } from './fakes';

beforeEach(() => vi.stubGlobal('location', { hash: `#/c/${ID}`, pathname: '/', search: '' }));

/** An answer that asks something, and waits for a yes. */
const asking = (state = 'waiting') => [
  stored('m-0', 'user', 'Delete all', undefined, 'turn-0'),
  stored('turn-0', 'assistant', 'Really?', [{ type: 'tool-delete_task', toolCallId: 'c-1', state: 'output-available', input: {}, output: { success: false, approval: { id: 'a-1', state } } }, { type: 'text', text: 'Really?' }], 'turn-0'),
];

/** A conversation as the page has it, with everything that follows a turn. */
async function onPage() {
  const { createWorkspace } = await import('../src/shell/createWorkspace');
  const session = new Session(inMemoryStorage(), (work) => work());
  session.accept(tokenAnswer(1));
  return createWorkspace(session, user).chat.controller(ID, false);
}

test('why a turn failed stays on the screen while a question waits', async () => {
  const calls = fakeServer((call) => (call.method === 'POST' ? problem(503, 'model_unavailable', 'The model is away.') : call.path.includes('/tasks') ? json({ tasks: [] }) : conversation(null, ...asking())));
  const controller = await onPage();
  await vi.waitFor(() => expect(controller.view.get().phase).toBe('ready'));
  await controller.send('Hi');
  const sofar = calls.length;
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect(controller.view.get().problem?.message).toBe('The model is away.');
  expect(calls.slice(sofar).map(({ path }) => path).filter((path) => path.includes('/conversations/'))).toEqual([]);
});

test('an answer on which nobody works is not looked for again and again while a question waits', async () => {
  const calls = fakeServer((call) => (isStream(call) ? new Response(null, { status: 204 }) : call.path.includes('/tasks') ? json({ tasks: [] }) : conversation('turn-1', ...asking(), stored('m-1', 'user', 'Hi'), stored('turn-1', 'assistant', 'Hel'))));
  const controller = await onPage();
  await vi.waitFor(() => expect(controller.view.get().problem).toBeInstanceOf(Interrupted));
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect(calls.filter(isStream)).toHaveLength(1);
  expect(controller.view.get().problem).toBeInstanceOf(Interrupted);
});

test('a yes given below a failed turn shows once that turn is tried again, and the reason stays until then', async () => {
  const controller = open(false);
  fakeServer((call) => (call.method === 'POST' ? problem(503, 'model_unavailable', 'The model is away.') : conversation(null, ...asking())));
  await controller.load();
  await controller.send('Hi');
  const [first] = controller.chat.messages.slice(-1);
  let answered = false;
  const calls = fakeServer((call) => {
    if (call.method === 'POST') answered = true;
    return call.method === 'POST' ? stream() : conversation(null, ...asking('approved'), ...(answered ? [stored(first!.id, 'user', 'Hi'), stored('turn-1', 'assistant', 'Hello Mira.')] : []));
  });
  await controller.load();
  expect(controller.view.get().problem?.message).toBe('The model is away.');
  expect(says(controller).at(-1)).toBe('user: Hi');
  await controller.retry();
  expect(keys(calls)).toEqual([first!.id]);
  await vi.waitFor(() => expect(controller.chat.messages[1]!.parts[0]).toMatchObject({ output: { approval: { state: 'approved' } } }));
  expect(says(controller)).toEqual(['user: Delete all', 'assistant: Really?', 'user: Hi', 'assistant: Hello Mira.']);
  expect(posts(calls)).toHaveLength(1);
});
