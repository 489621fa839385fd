import { expect, test, vi } from 'vitest';
import { Unreachable } from '../src/api/apiErrors';
import type { Task, TaskPatch } from '../src/api/types';
import { inMemoryStorage } from '../src/storage';
import { byHand } from '../src/tasks/manualOrder';
import { task } from './fakes';
import { storeWith } from './taskStoreFixture';

test('a task that is moved stands in its new place at once', async () => {
  const patches: TaskPatch[] = [];
  const { store } = await storeWith([task(1), task(2), task(3)], {
    change: async (id, patch) => {
      patches.push(patch);
      return task(id, { position: -1.5 * 2 ** 20, updated_at: '2026-01-02T00:00:00Z' });
    },
  });
  const order = () => [...store.view.get().tasks].sort(byHand).map(({ id }) => id);
  expect(order()).toEqual([3, 2, 1]);
  const moved = store.change(3, { after_id: 2 });
  expect(order()).toEqual([2, 3, 1]);
  await moved;
  expect(order()).toEqual([2, 3, 1]);
  expect(patches).toEqual([{ after_id: 2 }]);
});

test('where others had to make room for a moved task, the list is read again', async () => {
  const list = [task(1, { position: 3 }), task(2, { position: 2 }), task(3, { position: 1 })];
  const spread = [task(1, { position: 3 }), task(2, { position: 2 }), task(3, { position: 2.5, updated_at: '2026-01-02T00:00:00Z' })];
  const { store, api } = await storeWith(list, { change: async () => task(3, { position: 30, updated_at: '2026-01-02T00:00:00Z' }) });
  api.list = vi.fn(async () => spread);
  await store.change(3, { after_id: 2 });
  await vi.waitFor(() => expect(api.list).toHaveBeenCalledOnce());
  await vi.waitFor(() => expect([...store.view.get().tasks].sort(byHand).map(({ id }) => id)).toEqual([2, 3, 1]));
});

test('moves that were made without a line are sent in their order', async () => {
  const memory = inMemoryStorage();
  vi.useFakeTimers({ now: 1 });
  const away = { change: async () => Promise.reject(new Unreachable(true)) };
  const { store } = await storeWith([task(1), task(2), task(3)], away, memory);
  for (const [id, after] of [[3, 1], [1, 2], [2, null]] as const) {
    vi.setSystemTime(Date.now() + 1);
    await store.change(id, { after_id: after });
  }
  vi.useRealTimers();
  const sent: number[] = [];
  await storeWith([task(1), task(2), task(3)], { change: async (id, patch) => (sent.push(id), task(id, patch as object)) }, memory);
  await vi.waitFor(() => expect(sent).toEqual([3, 1, 2]));
});

test('moves of several tasks go out one after the other, also after one that is refused', async () => {
  const sent: number[] = [];
  const answers: Array<(error?: Error) => void> = [];
  const change = (id: number, patch: TaskPatch) => {
    sent.push(id);
    return new Promise<Task>((resolve, reject) => answers.push((error) => (error ? reject(error) : resolve(task(id, patch as object)))));
  };
  const { store } = await storeWith([task(1), task(2), task(3)], { change });
  const edited = store.change(3, { title: 'Three' });
  const moved = store.change(3, { after_id: 1 }).catch((error: unknown) => error);
  const second = store.change(1, { after_id: 2 });
  // What is no move waits for nobody.
  const ticked = store.change(2, { completed: true });
  await vi.waitFor(() => expect(sent).toEqual([3, 2]));
  answers[0]!();
  answers[1]!();
  await Promise.all([edited, ticked]);
  await vi.waitFor(() => expect(sent).toEqual([3, 2, 3]));
  answers[2]!(new Error('No.'));
  expect(await moved).toEqual(new Error('No.'));
  await vi.waitFor(() => expect(sent).toEqual([3, 2, 3, 1]));
  answers[3]!();
  await second;
});

test('a move that is made while older ones are sent waits for them', async () => {
  const sent: Array<[number, number | null]> = [];
  let isAway = true;
  const answers: Array<() => void> = [];
  const change = (id: number, patch: TaskPatch) => {
    if (isAway) return Promise.reject(new Unreachable(true));
    sent.push([id, patch.after_id!]);
    return new Promise<Task>((resolve) => answers.push(() => resolve(task(id, patch as object))));
  };
  const { store } = await storeWith([task(1), task(2), task(3)], { change });
  await store.change(3, { after_id: 1 });
  await store.change(1, { after_id: 2 });
  isAway = false;
  const flushed = store.flush();
  await vi.waitFor(() => expect(sent).toHaveLength(1));
  const last = store.change(2, { after_id: null });
  for (const count of [1, 2, 3]) {
    await vi.waitFor(() => expect(sent).toHaveLength(count));
    answers[count - 1]!();
  }
  await Promise.all([flushed, last]);
  expect(sent).toEqual([[3, 1], [1, 2], [2, null]]);
});
