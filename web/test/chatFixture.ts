import { beforeEach } from 'vitest';
import { conversationApi } from '../src/api/conversationApi';
import type { Effects } from '../src/api/types';
import { ChatController } from '../src/chat/chatController';
import { ChatTransport } from '../src/chat/chatTransport';
import { Drafts } from '../src/chat/drafts';
import { textOf } from '../src/chat/message';
import { Session } from '../src/session/session';
import { inMemoryStorage } from '../src/storage';
import { json, tokenAnswer, type Call } from './fakes';

export const ID = '11111111-1111-4111-8111-111111111111';
export const memory = inMemoryStorage();
export let drafts: Drafts;
/** The answers of which the controllers have told that others took their place. */
export let replaced: string[];

beforeEach(() => {
  for (const key of memory.keys()) memory.remove(key);
  drafts = new Drafts(memory, 'u-1');
  replaced = [];
});

/** The controller of a conversation, as the page has it. */
export function open(isNew = true): ChatController {
  const session = new Session(memory, (work) => work());
  session.accept(tokenAnswer(1));
  const events = { approval: () => {}, effects: (about: Effects) => controller.applyEffects(about), started: () => drafts.keepSent(ID, null), toolDone: () => {}, conversation: () => {}, finished: () => {} };
  const controller: ChatController = new ChatController(ID, isNew, {
    api: conversationApi(session, 'u-1'),
    transport: new ChatTransport(session, 'u-1', events),
    drafts,
    pageSize: 60,
    placed: () => {},
    beforeSending: async () => {},
    afterTurn: () => {},
    renamed: () => {},
    replaced: (answers) => void replaced.push(...answers.map(({ id }) => id)),
  });
  return controller;
}

export type Chunk = Record<string, unknown>;

export const WHOLE: Chunk[] = [
  { type: 'start', messageId: 'turn-1' },
  { type: 'start-step' },
  { type: 'text-start', id: 't' },
  { type: 'text-delta', id: 't', delta: 'Hello ' },
  { type: 'text-delta', id: 't', delta: 'Mira.' },
  { type: 'text-end', id: 't' },
  { type: 'finish-step' },
  { type: 'finish', finishReason: 'stop' },
];

/** What the server streams when the model is down: the answer has begun, and none comes. */
export const FAILED: Chunk[] = [{ type: 'start', messageId: 'turn-1' }, { type: 'start-step' }, { type: 'finish-step' }, { type: 'error', errorText: 'The model is away.' }];

/** A stream that breaks after `count` chunks, or ends well. */
export function stream(count = WHOLE.length, chunks = WHOLE): Response {
  const text = chunks.slice(0, count).map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`);
  const whole = count >= WHOLE.length;
  if (whole) text.push('data: [DONE]\n\n');
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const next = text.shift();
      if (next) controller.enqueue(new TextEncoder().encode(next));
      else if (whole) controller.close();
      else controller.error(new TypeError('network error'));
    },
  });
  return new Response(body, { headers: { 'content-type': 'text/event-stream' } });
}

export const says = (controller: ChatController) => controller.chat.messages.map((message) => `${message.role}: ${textOf(message)}`);
export const posts = (calls: Call[]) => calls.filter((call) => call.method === 'POST');
export const keys = (calls: Call[]) => posts(calls).map((call) => call.headers.get('idempotency-key'));

/** A message as the server keeps it. */
export const stored = (id: string, role: 'user' | 'assistant', content: string, parts: object[] = [{ type: 'text', text: content }], turn = 'turn-1') => ({ id, role, content, parts, turn_id: turn, finish_reason: null, created_at: '' });

export const conversation = (running: string | null, ...messages: object[]) => json({ id: ID, title: 'Hi', created_at: '', updated_at: '', running_turn_id: running, messages });

/** A conversation as the server reads it: by turns, the newest ones or those before one; a header leads to the next page. */
export function conversationPage({ path }: Call, messages: ReturnType<typeof stored>[]): Response {
  const [address, query] = path.split('?');
  const asked = new URLSearchParams(query);
  const limit = Number(asked.get('limit') ?? 50);
  const turns = [...new Set(messages.map((message) => message.turn_id))];
  const before = asked.get('before');
  const end = before ? Math.max(turns.indexOf(before), 0) : turns.length;
  const begin = Math.max(end - limit, 0);
  const shown = turns.slice(begin, end);
  const link: Record<string, string> = begin > 0 ? { link: `<${address}?limit=${limit}&before=${shown[0]}>; rel="next"` } : {};
  return json({ id: ID, title: 'Hi', created_at: '', updated_at: '', running_turn_id: null, model: null, messages: messages.filter((message) => shown.includes(message.turn_id)) }, 200, link);
}

export const isStream = ({ path, method }: Call) => method === 'GET' && path.includes('/chat/');

/** A promise, and what it waits for. */
export function held<T>() {
  let release!: (value: T) => void;
  const promise = new Promise<T>((resolve) => (release = resolve));
  return { promise, release };
}
