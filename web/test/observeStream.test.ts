import type { UIMessageChunk } from 'ai';
import { expect, test, vi } from 'vitest';
import { ConnectionLost } from '../src/api/apiErrors';
import { failWhenSilent, observeStream, type StreamEvents } from '../src/chat/observeStream';

const events = () => ({ approval: vi.fn(), effects: vi.fn(), started: vi.fn(), toolDone: vi.fn(), conversation: vi.fn(), finished: vi.fn() }) satisfies StreamEvents;

function streamOf(chunks: unknown[], failure?: Error): ReadableStream<UIMessageChunk> {
  const left = [...chunks];
  return new ReadableStream({
    pull(controller) {
      if (left.length) controller.enqueue(left.shift() as UIMessageChunk);
      else if (failure) controller.error(failure);
      else controller.close();
    },
  });
}

async function drain(stream: ReadableStream<unknown>): Promise<unknown[]> {
  const all: unknown[] = [];
  for await (const chunk of stream as unknown as AsyncIterable<unknown>) all.push(chunk);
  return all;
}

test('the list hears of every finished tool call, with its name', async () => {
  const seen = events();
  const chunks = [
    { type: 'start', messageId: 't1' },
    { type: 'data-conversation', data: { id: 'c', title: 'Milk' } },
    { type: 'tool-input-available', toolCallId: 'a', toolName: 'add_task', input: {} },
    { type: 'tool-output-available', toolCallId: 'a', output: { success: true } },
    { type: 'data-usage', data: { finish_reason: 'length' } },
    { type: 'finish' },
  ];
  expect(await drain(observeStream(streamOf(chunks), seen))).toHaveLength(6);
  expect(seen.finished).toHaveBeenCalledWith('length');
  expect(seen.started).toHaveBeenCalledOnce();
  expect(seen.conversation).toHaveBeenCalledWith({ id: 'c', title: 'Milk' });
  expect(seen.toolDone).toHaveBeenCalledWith('add_task', { success: true }, 'a');
});

test('a stream without its end is a lost connection', async () => {
  await expect(drain(observeStream(streamOf([{ type: 'start' }]), events()))).rejects.toBeInstanceOf(ConnectionLost);
});

test('a broken stream is a lost connection, whatever the browser calls it', async () => {
  const broken = streamOf([{ type: 'start' }], new TypeError('network error'));
  await expect(drain(observeStream(broken, events()))).rejects.toBeInstanceOf(ConnectionLost);
});

test('an error said by the server is an end', async () => {
  await expect(drain(observeStream(streamOf([{ type: 'start' }, { type: 'error', errorText: 'x' }]), events()))).resolves.toHaveLength(2);
});

test('an answer that lost its worker is a lost connection', async () => {
  const chunks = [{ type: 'start' }, { type: 'data-interrupted', data: { retry_after: 1 } }, { type: 'error', errorText: 'x' }];
  await expect(drain(observeStream(streamOf(chunks), events()))).rejects.toBeInstanceOf(ConnectionLost);
});

test('a silent line is given up', async () => {
  const silent = new ReadableStream<Uint8Array>({ start: (controller) => controller.enqueue(new Uint8Array([1])) });
  await expect(drain(failWhenSilent(silent, 20))).rejects.toBeInstanceOf(ConnectionLost);
});
