import { expect, test, vi } from 'vitest';
import { noticeOf } from '../src/chat/message';
import { Interrupted, NotSent } from '../src/chat/turnErrors';
import { drafts, ID, open, posts, says, stream, WHOLE } from './chatFixture';
import { fakeServer, json, problem } from './fakes';

test('a message goes out alone, under its own key, and is answered', async () => {
  const controller = open();
  const calls = fakeServer(() => stream());
  await controller.send('Hi');
  expect(says(controller)).toEqual(['user: Hi', 'assistant: Hello Mira.']);
  const [call] = posts(calls);
  expect(call!.body).toMatchObject({ id: ID, trigger: 'submit-message', message: { role: 'user', parts: [{ type: 'text', text: 'Hi' }] } });
  expect(call!.headers.get('idempotency-key')).toBe((call!.body as { message: { id: string } }).message.id);
  expect(drafts.sent(ID)).toBeNull();
});

test('an answer that breaks off is picked up where it runs, without doubling', async () => {
  const controller = open();
  const calls = fakeServer((call) => (call.method === 'POST' ? stream(4) : stream()));
  await controller.send('Hi');
  expect(says(controller)).toEqual(['user: Hi', 'assistant: Hello Mira.']);
  expect(posts(calls)).toHaveLength(1);
  expect(controller.view.get().problem).toBeNull();
});

test('when nothing runs any more the same request goes out again under the same key', async () => {
  const controller = open();
  const calls = fakeServer((call, count) => (call.method === 'GET' ? new Response(null, { status: 204 }) : count === 1 ? stream(4) : stream()));
  await controller.send('Hi');
  expect(says(controller)).toEqual(['user: Hi', 'assistant: Hello Mira.']);
  const keys = posts(calls).map((call) => call.headers.get('idempotency-key'));
  expect(keys).toHaveLength(2);
  expect(keys[0]).toBe(keys[1]);
});

test('answering again replaces the answer under a fresh key', async () => {
  const controller = open();
  const calls = fakeServer(() => stream());
  await controller.send('Hi');
  await controller.regenerate();
  expect(says(controller)).toEqual(['user: Hi', 'assistant: Hello Mira.']);
  const [first, second] = posts(calls);
  expect(second!.body).toMatchObject({ trigger: 'regenerate-message' });
  expect(second!.headers.get('idempotency-key')).not.toBe(first!.headers.get('idempotency-key'));
});

test('an edited message takes the place of the one it was, and of its answer', async () => {
  const controller = open();
  const calls = fakeServer(() => stream());
  await controller.send('Hi');
  const { id } = controller.chat.messages[0]!;
  await controller.edit(id, 'Good evening', 'stays');
  expect(says(controller)).toEqual(['user: Good evening', 'assistant: Hello Mira.']);
  expect(posts(calls)[1]!.body).toMatchObject({ trigger: 'submit-message', messageId: id, message: { id }, undo_replaced: false, previous_text: 'Hi' });
  await controller.edit(id, 'Good morning');
  expect(posts(calls)[2]!.body).not.toHaveProperty('undo_replaced');
  expect(posts(calls)[2]!.body).toHaveProperty('previous_text', 'Good evening');
  expect(new Set(posts(calls).map((call) => call.headers.get('idempotency-key'))).size).toBe(3);
});

test('an edit that is not answered leaves what was there, and can be tried again', async () => {
  const controller = open();
  const calls = fakeServer((_, count) => (count === 2 ? problem(503, 'model_unavailable', 'The model is away.') : stream()));
  await controller.send('Hi');
  const { id } = controller.chat.messages[0]!;
  await controller.edit(id, 'Good evening');
  expect(says(controller)).toEqual(['user: Hi', 'assistant: Hello Mira.']);
  expect(controller.view.get().problem?.message).toBe('The model is away.');
  await controller.retry();
  expect(says(controller)).toEqual(['user: Good evening', 'assistant: Hello Mira.']);
  expect(posts(calls)[2]!.body).toMatchObject({ messageId: id, message: { parts: [{ text: 'Good evening' }] } });
  expect(posts(calls)[2]!.headers.get('idempotency-key')).toBe(posts(calls)[1]!.headers.get('idempotency-key'));
});

test('a refusal is said, and trying again uses the same key', async () => {
  const controller = open();
  const calls = fakeServer((_, count) => (count === 1 ? problem(503, 'model_unavailable', 'The model is away.') : stream()));
  await controller.send('Hi');
  expect(controller.view.get().problem?.message).toBe('The model is away.');
  expect(drafts.sent(ID)?.text).toBe('Hi');
  await controller.retry();
  expect(says(controller)).toEqual(['user: Hi', 'assistant: Hello Mira.']);
  expect(new Set(posts(calls).map((call) => call.headers.get('idempotency-key'))).size).toBe(1);
});

test('a turn that runs elsewhere is waited for', async () => {
  vi.useFakeTimers({ shouldAdvanceTime: true, advanceTimeDelta: 100 });
  const controller = open();
  fakeServer((_, count) => (count === 1 ? problem(409, 'turn_in_progress', 'Busy.', { 'retry-after': '1' }) : stream()));
  await controller.send('Hi');
  vi.useRealTimers();
  expect(says(controller)).toEqual(['user: Hi', 'assistant: Hello Mira.']);
});

test('a message that never left is still there after a reload', async () => {
  drafts.keepSent(ID, { key: 'k-1', text: 'Hi' });
  const controller = open(false);
  const calls = fakeServer((call) => (call.method === 'GET' ? problem(404, 'not_found') : stream()));
  await controller.load();
  expect(controller.view.get().phase).toBe('ready');
  expect(controller.view.get().problem).toBeInstanceOf(NotSent);
  await controller.retry();
  expect(posts(calls)[0]!.headers.get('idempotency-key')).toBe('k-1');
  expect(says(controller)).toEqual(['user: Hi', 'assistant: Hello Mira.']);
});

test('after a reload a running answer is resumed in the place of its half', async () => {
  const controller = open(false);
  const half = { id: 'turn-1', role: 'assistant', content: 'Hel', parts: [{ type: 'text', text: 'Hel' }], turn_id: 'turn-1', finish_reason: null, created_at: '' };
  const asked = { id: 'm-1', role: 'user', content: 'Hi', parts: [{ type: 'text', text: 'Hi' }], turn_id: 'turn-1', finish_reason: null, created_at: '' };
  fakeServer((call) => (call.path.includes('/chat/') ? stream() : json({ id: ID, title: 'Hi', created_at: '', updated_at: '', running_turn_id: 'turn-1', messages: [asked, half] })));
  await controller.load();
  expect(says(controller)).toEqual(['user: Hi', 'assistant: Hello Mira.']);
  expect(controller.view.get().title).toBe('Hi');
});

test('an answer whose worker is gone is asked for again under the same key', async () => {
  const controller = open();
  const gone = [...WHOLE.slice(0, 4), { type: 'data-interrupted', data: { retry_after: 1 }, transient: true }, { type: 'error', errorText: 'Gone.' }];
  const interrupted = () => new Response(gone.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join(''), { headers: { 'content-type': 'text/event-stream' } });
  const calls = fakeServer((call, count) => (call.method === 'GET' ? new Response(null, { status: 204 }) : count === 1 ? interrupted() : stream()));
  await controller.send('Hi');
  expect(says(controller)).toEqual(['user: Hi', 'assistant: Hello Mira.']);
  expect(new Set(posts(calls).map((call) => call.headers.get('idempotency-key'))).size).toBe(1);
  expect(controller.view.get().problem).toBeNull();
});

test('after a reload an answer on which nobody works can be asked for again', async () => {
  const controller = open(false);
  const asked = { id: 'm-1', role: 'user', content: 'Hi', parts: [{ type: 'text', text: 'Hi' }], turn_id: 'turn-1', finish_reason: null, created_at: '' };
  const half = { ...asked, id: 'turn-1', role: 'assistant', content: 'Hel', parts: [{ type: 'text', text: 'Hel' }] };
  const conversation = { id: ID, title: 'Hi', created_at: '', updated_at: '', running_turn_id: 'turn-1', messages: [asked, half] };
  const calls = fakeServer((call) => (call.method === 'POST' ? stream() : call.path.includes('/chat/') ? new Response(null, { status: 204 }) : json(conversation)));
  await controller.load();
  expect(controller.view.get().problem).toBeInstanceOf(Interrupted);
  expect(posts(calls)).toHaveLength(0);
  expect(says(controller)).toEqual(['user: Hi', 'assistant: Hel']);
  await controller.retry();
  expect(posts(calls)[0]!.body).toMatchObject({ trigger: 'regenerate-message' });
  expect(says(controller)).toEqual(['user: Hi', 'assistant: Hello Mira.']);
});

test('an answer that came to its end before it was resumed is shown', async () => {
  const controller = open(false);
  const said = (id: string, role: string, content: string) => ({ id, role, content, parts: [{ type: 'text', text: content }], turn_id: 'turn-1', finish_reason: null, created_at: '' });
  const now = (running: string | null, ...messages: object[]) => json({ id: ID, title: 'Hi', created_at: '', updated_at: '', running_turn_id: running, messages });
  let looked = 0;
  fakeServer((call) => {
    if (call.path.includes('/chat/')) return new Response(null, { status: 204 });
    looked += 1;
    return looked === 1 ? now('turn-1', said('m-1', 'user', 'Hi')) : now(null, said('m-1', 'user', 'Hi'), said('turn-1', 'assistant', 'Hello Mira.'));
  });
  await controller.load();
  expect(says(controller)).toEqual(['user: Hi', 'assistant: Hello Mira.']);
  expect(controller.view.get().problem).toBeNull();
});

test('stopping tells the server and marks the answer', async () => {
  const controller = open();
  let end: () => void = () => {};
  const calls = fakeServer((call) => {
    if (call.path.endsWith('/stop')) {
      end();
      return new Response(null, { status: 204 });
    }
    const text = [...WHOLE.slice(0, 4), { type: 'abort' }].map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`);
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(new TextEncoder().encode(text.slice(0, 4).join('')));
        end = () => (controller.enqueue(new TextEncoder().encode(text[4])), controller.close());
      },
    });
    return new Response(body, { headers: { 'content-type': 'text/event-stream' } });
  });
  const sent = controller.send('Hi');
  await vi.waitFor(() => expect(says(controller)).toContain('assistant: Hello '));
  await controller.stop();
  await sent;
  const stop = calls.find((call) => call.path === `/api/u-1/chat/${ID}/stop`);
  expect(stop?.body).toEqual({ turn_id: controller.chat.lastMessage?.id });
  expect(controller.chat.lastMessage?.metadata?.finishReason).toBe('cancelled');
  expect(controller.view.get()).toMatchObject({ busy: false, problem: null });
});

test('a turn that begins after the first stop is stopped all the same', async () => {
  const controller = open();
  let stops = 0;
  let end: () => void = () => {};
  fakeServer((call) => {
    if (call.path.endsWith('/stop')) {
      stops += 1;
      // Only the second one finds a turn.
      if (stops === 2) end();
      return new Response(null, { status: 204 });
    }
    if (call.method !== 'POST') return problem(404, 'conversation_not_found');
    const text = [...WHOLE.slice(0, 4), { type: 'abort' }].map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join('');
    const body = new ReadableStream<Uint8Array>({ start: (stream) => void (end = () => (stream.enqueue(new TextEncoder().encode(text)), stream.close())) });
    return new Response(body, { headers: { 'content-type': 'text/event-stream' } });
  });
  const sent = controller.send('Hi');
  await vi.waitFor(() => expect(controller.view.get().busy).toBe(true));
  await controller.stop();
  await sent;
  expect(stops).toBe(2);
  expect(controller.view.get().busy).toBe(false);
});

test('a message that cannot be sent can be taken back to be changed', async () => {
  const controller = open();
  fakeServer(() => problem(422, 'validation_error', 'Too long.'));
  await controller.send('Hi');
  expect(controller.takeBack()).toBe('Hi');
  expect(controller.chat.messages).toEqual([]);
  expect(drafts.sent(ID)).toBeNull();
});

test('a conversation that is gone is missing', async () => {
  const controller = open(false);
  fakeServer(() => problem(404, 'not_found'));
  await controller.load();
  expect(controller.view.get().phase).toBe('missing');
});

test('a failed attempt to answer again leaves the old answer', async () => {
  const controller = open();
  fakeServer((_, count) => (count === 1 ? stream() : problem(503, 'model_unavailable', 'The model is away.')));
  await controller.send('Hi');
  await controller.regenerate();
  expect(controller.view.get().problem?.message).toBe('The model is away.');
  expect(says(controller)).toEqual(['user: Hi', 'assistant: Hello Mira.']);
});

test('coming back finds what was said elsewhere', async () => {
  const controller = open();
  fakeServer(() => stream());
  await controller.send('Hi');
  const said = (id: string, role: string, content: string) => ({ id, role, content, parts: [{ type: 'text', text: content }], turn_id: null, finish_reason: null, created_at: '' });
  fakeServer(() => json({ id: ID, title: 'Hi', created_at: '', updated_at: '', running_turn_id: null, messages: [said('m', 'user', 'Hi'), said('turn-1', 'assistant', 'Hello Mira.'), said('m2', 'user', 'From my phone'), said('turn-2', 'assistant', 'Heard.')] }));
  await controller.refresh();
  expect(says(controller).slice(-2)).toEqual(['user: From my phone', 'assistant: Heard.']);
});

test('while the model is loaded, the same message is sent again by itself', async () => {
  vi.useFakeTimers();
  const controller = open();
  const loading = [
    { type: 'start', messageId: 'turn-1' },
    { type: 'start-step' },
    { type: 'finish-step' },
    { type: 'data-interrupted', data: { retry_after: 10, code: 'model_loading' }, transient: true },
    { type: 'error', errorText: "The assistant's model is still loading." },
  ];
  const text = loading.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join('') + 'data: [DONE]\n\n';
  const answers = [
    new Response(text, { headers: { 'content-type': 'text/event-stream' } }),
    problem(503, 'model_loading', 'Still loading.', { 'retry-after': '10' }),
    stream(),
  ];
  const calls = fakeServer((call) => (call.method === 'POST' ? answers.shift()! : json({ title: null, messages: [] })));
  const sent = controller.send('Hi');
  await vi.advanceTimersByTimeAsync(3_000);
  expect(controller.view.get()).toMatchObject({ busy: true, recovering: 'model', problem: null });
  await vi.advanceTimersByTimeAsync(20_000);
  await sent;
  vi.useRealTimers();
  expect(says(controller)).toEqual(['user: Hi', 'assistant: Hello Mira.']);
  expect(new Set(posts(calls).map((call) => call.headers.get('idempotency-key'))).size).toBe(1);
  expect(posts(calls)).toHaveLength(3);
});

test('somebody who stops while the model is loaded is not kept waiting', async () => {
  vi.useFakeTimers();
  const controller = open();
  fakeServer((call) => (call.path.endsWith('/stop') ? new Response(null, { status: 204 }) : problem(503, 'model_loading', 'Still loading.', { 'retry-after': '10' })));
  const sent = controller.send('Hi');
  await vi.advanceTimersByTimeAsync(1_000);
  const stopped = controller.stop();
  await vi.advanceTimersByTimeAsync(3_000);
  await Promise.all([sent, stopped]);
  vi.useRealTimers();
  expect(controller.view.get()).toMatchObject({ busy: false, recovering: null, problem: null });
});

test('a chosen model goes with every message and is the same when it is sent again', async () => {
  const controller = open();
  controller.chooseModel('large');
  const answers = [problem(409, 'turn_in_progress', 'Busy.', { 'retry-after': '0' }), stream()];
  const calls = fakeServer((call) => (call.method === 'POST' ? answers.shift()! : json({ title: null, messages: [] })));
  await controller.send('Hi');
  expect(posts(calls).map((call) => (call.body as { model?: string }).model)).toEqual(['large', 'large']);
});

test('a model that the conversation remembers is not named again, because it may be gone', async () => {
  const controller = open(false);
  const asked = (messages: object[]) => json({ id: ID, title: 'Hi', created_at: '', updated_at: '', running_turn_id: null, model: 'gone', messages });
  const answers = ['turn-1', 'turn-1', 'turn-2'];
  const calls = fakeServer((call) => (call.method === 'POST' ? stream(99, [{ ...WHOLE[0], messageId: answers.shift() }, ...WHOLE.slice(1)]) : asked([])));
  await controller.load();
  expect(controller.view.get().model).toBe('gone');
  await controller.send('Hi');
  await controller.regenerate();
  await controller.edit(controller.chat.messages[0]!.id, 'Good evening');
  expect(posts(calls).map(({ body }) => (body as { model?: string }).model)).toEqual([undefined, undefined, undefined]);
});

test('a model that was chosen is named until it has answered, and what another device chose since shows', async () => {
  const controller = open();
  controller.chooseModel('large');
  const answers = [problem(503, 'model_unavailable', 'The model is away.'), stream(), stream()];
  const calls = fakeServer((call) => (call.method === 'POST' ? answers.shift()! : json({ title: null, model: 'small', running_turn_id: null, messages: [] })));
  await controller.send('Hi');
  await controller.retry();
  await controller.regenerate();
  expect(posts(calls).map(({ body }) => (body as { model?: string }).model)).toEqual(['large', 'large', undefined]);
  await controller.load();
  expect(controller.view.get().model).toBe('small');
});

test('after the first answer the title that the model gave is fetched', async () => {
  vi.useFakeTimers();
  const controller = open();
  controller.view.patch({ title: 'Hi' });
  const titles = ['Hi', 'Greetings'];
  fakeServer((call) => (call.method === 'POST' ? stream() : json({ title: titles.shift(), messages: [] })));
  await controller.send('Hi');
  await vi.advanceTimersByTimeAsync(4_000);
  vi.useRealTimers();
  expect(controller.view.get().title).toBe('Greetings');
});

test('that nothing was changed is known of the answer, and of no later one', async () => {
  const controller = open();
  const about = { type: 'data-effects', transient: true, data: { effects: [], notice: { code: 'nothing_was_changed', detail: 'No.' } } };
  const answers = [stream(99, [...WHOLE.slice(0, -1), about, ...WHOLE.slice(-1)]), stream(99, WHOLE.map((chunk) => (chunk.messageId ? { ...chunk, messageId: 'turn-2' } : chunk)))];
  fakeServer((call) => (call.method === 'POST' ? answers.shift()! : json({ title: null, messages: [] })));
  await controller.send('Delete everything');
  await controller.send('Hi');
  expect(controller.chat.messages.filter(({ role }) => role === 'assistant').map(noticeOf)).toEqual(['Nothing was changed.', null]);
});
