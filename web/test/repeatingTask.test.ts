import { afterEach, expect, test, vi } from 'vitest';
import { Unreachable } from '../src/api/apiErrors';
import { TaskChanged, type TaskApi } from '../src/api/taskApi';
import type { Task, TaskPatch } from '../src/api/types';
import { inMemoryStorage } from '../src/storage';
import { task } from './fakes';
import { storeWith } from './taskStoreFixture';

const weekly = (more: Partial<Task> = {}) => task(1, { due: '2026-01-05', repeat: 'FREQ=WEEKLY;BYDAY=MO', repeat_in_words: 'every Monday', version: 3, ...more } as object);
const DUES = ['2026-01-05', '2026-01-12', '2026-01-19', '2026-01-26'];

/** A server with one repeating task, that makes each change as often as it is asked to. */
function server(line: 'good' | 'answers get lost' | 'none' = 'good') {
  const state = { task: weekly(), sent: [] as Array<[TaskPatch, number | null | undefined]>, times: 0, line };
  const change: TaskApi['change'] = async (_id, patch, version) => {
    if (state.line === 'none') throw new Unreachable(true);
    state.sent.push([patch, version]);
    if (version && version !== state.task.version) throw new TaskChanged(state.task);
    const { completed, skip, after_id: _place, ...fields } = patch;
    if (completed || skip) state.times++;
    const next = state.task.version! + 1;
    state.task = { ...state.task, ...fields, due: DUES[state.times]!, version: next, updated_at: `2026-02-${String(next).padStart(2, '0')}T00:00:00Z` };
    if (state.line !== 'good') throw new Unreachable(true);
    return state.task;
  };
  return { state, api: { change, list: async () => [state.task] } };
}

afterEach(() => void vi.useRealTimers());

test('one time of a repeating task is done once although its answer was lost and the page was loaded again', async () => {
  const { state, api } = server('answers get lost');
  const { store, memory } = await storeWith([], api);
  await store.change(1, { completed: true }, 3);
  state.line = 'good';

  const onRefused = vi.fn();
  const again = await storeWith([], api, memory);
  again.store.onRefused = onRefused;
  await vi.waitFor(() => expect(again.store.unconfirmed()).toBe(0));
  expect(state.times).toBe(1);
  expect(state.sent.map(([, version]) => version)).toEqual([3, 3]);
  expect(again.store.view.get().tasks).toMatchObject([{ due: '2026-01-12' }]);
  expect(onRefused).not.toHaveBeenCalled();
});

test('a second click on the box of a repeating task does nothing while the first is on its way', async () => {
  const { state, api } = server();
  const { store } = await storeWith([], api);
  await Promise.all([store.change(1, { completed: true }, 3), store.change(1, { completed: true }, 3), store.change(1, { skip: true }, 3)]);
  expect(state.sent).toEqual([[{ completed: true }, 3]]);
  await store.change(1, { completed: true }, 4);
  expect(state.times).toBe(2);
});

test('what waits together with a tick of a repeating task does not take its version away', async () => {
  const { state, api } = server('answers get lost');
  const { store } = await storeWith([], api);
  await store.change(1, { completed: true }, 3);
  state.line = 'none';
  await store.change(1, { after_id: null });
  state.line = 'good';
  await store.flush();
  expect(state.times).toBe(1);
  expect(store.unconfirmed()).toBe(0);
  expect(state.sent.slice(0, 2)).toEqual([[{ completed: true }, 3], [{ completed: true, after_id: null }, 3]]);
  // What was for any version goes out all the same.
  expect(state.sent.slice(2)).toEqual([[{ after_id: null }, null]]);
});

test('a tick of a repeating task is never for a version that somebody else has made', async () => {
  const { state, api } = server();
  const { store } = await storeWith([], api);
  state.task = weekly({ title: 'Theirs', version: 6, updated_at: '2026-02-06T00:00:00Z' });
  const moved = store.change(1, { after_id: null });
  await expect(store.change(1, { completed: true }, 3)).rejects.toThrow(TaskChanged);
  await moved;
  expect(state.sent.map(([, version]) => version)).toEqual([null, 3]);
  expect(state.times).toBe(0);
});

test('an edit that was still on its way does not stand in the way of a tick', async () => {
  const { state, api } = server();
  const { store } = await storeWith([], api);
  await Promise.all([store.change(1, { title: 'Mine' }, 3), store.change(1, { completed: true }, 3)]);
  expect(state.sent).toEqual([[{ title: 'Mine' }, 3], [{ completed: true }, 4]]);
  expect(state.times).toBe(1);
});

test('two tabs that tick the same time of a repeating task offline do it once', async () => {
  const memory = inMemoryStorage();
  const { state, api } = server();
  const offline = { list: api.list, change: async () => Promise.reject(new Unreachable(true)) };
  const [first, second] = [await storeWith([], offline, memory), await storeWith([], offline, memory)];
  await first.store.change(1, { completed: true }, 3);
  await second.store.change(1, { completed: true }, 3);
  for (const { api: its } of [first, second]) its.change = api.change;
  await Promise.all([first.store.flush(), second.store.flush()]);
  expect(state.times).toBe(1);
  await vi.waitFor(() => expect(memory.keys()).toEqual([]));
});

test('a tick that an older version of the page has kept is sent for the version that the list has', async () => {
  const memory = inMemoryStorage();
  memory.write('todo-chat.outbox.u-1.change.1', JSON.stringify({ patch: { completed: true }, at: 5 }));
  memory.write('todo-chat.outbox.u-1.change.2', JSON.stringify({ title: 'Two' }));
  const { state, api } = server();
  await storeWith([], { ...api, list: async () => [state.task, task(2)] }, memory);
  await vi.waitFor(() => expect(memory.keys()).toEqual([]));
  expect(state.sent).toContainEqual([{ completed: true }, 3]);
  expect(state.sent).toContainEqual([{ title: 'Two' }, null]);
});

test('a tick that was sent without a version is not sent again when the task has moved on', async () => {
  const { state, api } = server('answers get lost');
  // A tool tells no version.
  const { store } = await storeWith([], { ...api, list: async () => [{ ...weekly(), version: null }] });
  await store.change(1, { completed: true }, null);
  state.line = 'good';
  store.applyUpdate({ changed: [state.task] });
  await store.flush();
  expect(state.times).toBe(1);
  expect(store.unconfirmed()).toBe(0);
});
