import { expect, test, vi } from 'vitest';
import { ApiError, Unreachable } from '../src/api/apiErrors';
import type { ChangeApi } from '../src/api/changeApi';
import { undoDeletion } from '../src/tasks/pendingDeletions';
import { task } from './fakes';
import { storeWith } from './taskStoreFixture';

const refusal = (status: number) => new ApiError('No.', status, 'x', null, [], null);

async function open(remove: () => Promise<void>) {
  const { store, titles, api } = await storeWith([task(1)], { remove: vi.fn(remove) });
  const list = vi.fn(async () => ({ changes: [{ id: 40, kind: 'deleted', task_id: 1 }, { id: 39, kind: 'added', task_id: 1 }] }));
  const undo = { undo: vi.fn(async () => {}) };
  const around = { tasks: store, changes: { list } as unknown as ChangeApi, undo };
  return { store, titles, api, undo, undoIt: () => undoDeletion(1, around) };
}

test('a deletion that waits for its undo is undone here', async () => {
  const { store, titles, api, undo, undoIt } = await open(async () => {});
  store.remove(1);
  await undoIt();
  await store.settle();
  expect(titles()).toEqual(['Task 1']);
  expect(undo.undo).not.toHaveBeenCalled();
  expect(api.remove).not.toHaveBeenCalled();
});

test('a deletion that was carried out before its undo was over is undone on the server', async () => {
  const { store, undo, undoIt } = await open(async () => {});
  store.remove(1);
  await store.settle();
  await undoIt();
  expect(undo.undo).toHaveBeenCalledExactlyOnceWith('deletion-40', { changes: [40] });
});

test('a deletion that is on its way is waited for, and then undone on the server', async () => {
  let answer = () => {};
  const { store, api, undo, undoIt } = await open(() => new Promise((resolve) => (answer = resolve)));
  store.remove(1);
  const settled = store.settle();
  const undone = undoIt();
  // The message that goes away meanwhile asks for it too.
  const committed = store.commitRemoval(1);
  answer();
  await Promise.all([settled, undone, committed]);
  expect(api.remove).toHaveBeenCalledOnce();
  expect(undo.undo).toHaveBeenCalledOnce();
});

test('a deletion that the server has no time for is kept, and sent again', async () => {
  const answers = [refusal(429), refusal(503)];
  const { store, api, titles } = await open(async () => {
    const error = answers.shift();
    if (error) throw error;
  });
  store.onRefused = vi.fn();
  store.remove(1);
  for (const left of [1, 1, 0]) {
    await store.settle();
    expect(titles()).toEqual([]);
    expect(store.unconfirmed()).toBe(left);
  }
  expect(api.remove).toHaveBeenCalledTimes(3);
  expect(store.onRefused).not.toHaveBeenCalled();
});

test('a deletion that is refused when a message is sent brings the task back and is told', async () => {
  const error = refusal(403);
  const { store, titles } = await open(async () => Promise.reject(error));
  store.onRefused = vi.fn();
  store.remove(1);
  await store.settle();
  expect(titles()).toEqual(['Task 1']);
  expect(store.onRefused).toHaveBeenCalledExactlyOnceWith(error);
});

test('a deletion that turns out to be done when the list is read again is undone on the server', async () => {
  let listed = [task(1)];
  const { store } = await storeWith(listed, { list: () => Promise.resolve(listed) });
  const list = vi.fn(async () => ({ changes: [{ id: 40, kind: 'deleted', task_id: 1 }] }));
  const undo = { undo: vi.fn(async () => {}) };
  store.remove(1);
  store.leave();
  listed = [];
  await store.load();
  await undoDeletion(1, { tasks: store, changes: { list } as unknown as ChangeApi, undo });
  expect(undo.undo).toHaveBeenCalledOnce();
});

test('a deletion that waits goes out although a change that was made before it came in between', async () => {
  let answer = () => {};
  const made = new Promise<void>((resolve) => (answer = resolve));
  const removes = vi.fn(async () => {
    throw new Unreachable(true);
  });
  const changed = task(1, { title: 'Other words', version: 6 });
  let listed = [task(1, { version: 5 })];
  const change = async () => {
    await made;
    return changed;
  };
  const { store } = await storeWith([], { list: async () => listed, change, remove: removes });
  const update = store.change(1, { title: 'Other words' });
  store.remove(1);
  answer();
  await update;
  await store.settle();
  listed = [changed];
  await store.load();
  expect(store.view.get().tasks).toEqual([]);
  expect(store.unconfirmed(), 'it waits on').toBe(1);
});
