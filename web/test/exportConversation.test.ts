import { expect, test } from 'vitest';
import { conversationApi } from '../src/api/conversationApi';
import type { Conversation, StoredAnswer, StoredMessage } from '../src/api/types';
import { exportConversation, readWhole } from '../src/chat/exportConversation';
import { Session } from '../src/session/session';
import { inMemoryStorage } from '../src/storage';
import { conversationPage, ID, stored } from './chatFixture';
import { fakeServer, tokenAnswer } from './fakes';

const message = (id: string, role: 'user' | 'assistant', content: string, more: Partial<StoredAnswer> = {}): StoredMessage => {
  const both = { id, content, parts: [{ type: 'text', text: content } as const], turn_id: 't', created_at: '2026-11-20T10:00:00Z' };
  return role === 'user' ? { ...both, role } : { ...both, role, tool_calls: [], effects: [], notice: null, finish_reason: 'stop', ...more };
};

const milk = { id: 3, title: 'Buy milk', description: null, completed: false, created_at: '', updated_at: '' };
const conversation: Conversation = {
  id: 'c',
  title: 'Milk & more',
  created_at: '2026-11-20T10:00:00Z',
  updated_at: '2026-11-20T10:00:00Z',
  running_turn_id: null,
  model: null,
  messages: [
    message('1', 'user', 'Add buy milk'),
    message('2', 'assistant', 'Done.', {
      finish_reason: 'cancelled',
      parts: [
        { type: 'step-start' },
        { type: 'tool-add_task', toolCallId: 'a', state: 'output-available', input: { title: 'Buy milk' }, output: { success: true, task: milk } },
        { type: 'text', text: 'Done.' },
      ],
    }),
  ],
};

test('Markdown has who said what, and what was done, as sentences', () => {
  const file = exportConversation(conversation, 'markdown');
  expect(file.name).toBe('milk-more.md');
  expect(file.text).toBe(`# Milk & more

2026-11-20 · 2 messages

## You

Add buy milk

## Assistant

> Added Buy milk as task 3

Done.

*(stopped)*
`);
});

test('JSON is the conversation as it is', () => {
  const file = exportConversation(conversation, 'json');
  expect(file).toMatchObject({ name: 'milk-more.json', type: 'application/json' });
  expect(JSON.parse(file.text)).toEqual(conversation);
});

test('a long conversation is read to its beginning, page by page of turns', async () => {
  const turns = Array.from({ length: 450 }, (_, index) => `t${index}`);
  const all = turns.flatMap((turn) => [stored(`m-${turn}`, 'user', 'Hi', undefined, turn), stored(turn, 'assistant', 'Hello.', undefined, turn)]);
  const calls = fakeServer((call) => conversationPage(call, all));
  const session = new Session(inMemoryStorage(), (work) => work());
  session.accept(tokenAnswer(1));
  const whole = await readWhole(conversationApi(session, 'u-1'), ID);
  expect(whole.messages.map((one) => one.id)).toEqual(all.map((one) => one.id));
  expect(calls).toHaveLength(3);
});
