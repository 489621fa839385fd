import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ApiError, Unreachable } from '../src/api/apiErrors';
import { TaskChanged } from '../src/api/taskApi';
import type { TaskPatch } from '../src/api/types';
import { inMemoryStorage, type BrowserStorage } from '../src/storage';
import { backToEditor } from '../src/tasks/taskDraft';
import { TaskDraftStore } from '../src/tasks/taskDraftStore';
import { task } from './fakes';
import { storeWith } from './taskStoreFixture';

const away = async () => Promise.reject(new Unreachable(true));
const refusal = (status: number, retryAfter: number | null = null) => new ApiError('No.', status, 'x', retryAfter, [], null);
const LONG = 120_000;
const pass = (ms: number) => vi.setSystemTime(Date.now() + ms);

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }));
afterEach(() => void vi.useRealTimers());

/** A tab without a line. */
const offlineTab = (memory: BrowserStorage) => storeWith([task(1), task(2)], { change: away, add: away, remove: vi.fn(away) }, memory);

/** A tab with a line, and what it sent. */
async function tab(memory: BrowserStorage) {
  const sent: Array<[number, TaskPatch]> = [];
  const change = async (id: number, patch: TaskPatch) => (sent.push([id, patch]), task(id, { ...(patch as object), updated_at: '2026-01-02T00:00:00Z' }));
  return { sent, ...(await storeWith([task(1), task(2)], { change }, memory)) };
}

test('two tabs that change the same task offline lose nothing, also when one is closed', async () => {
  const memory = inMemoryStorage();
  const [first, second] = [await offlineTab(memory), await offlineTab(memory)];
  await first.store.change(1, { title: 'One' });
  await second.store.change(1, { priority: 'high' });
  // The second one gets its line back first.
  second.api.change = async (id, patch) => task(id, patch as object);
  await second.store.flush();
  expect(memory.keys()).toHaveLength(1);
  const later = await tab(memory);
  await vi.waitFor(() => expect(memory.keys()).toEqual([]));
  expect(later.sent).toEqual([[1, { title: 'One' }]]);
  expect(later.store.view.get().tasks.find(({ id }) => id === 1)).toMatchObject({ title: 'One' });
});

test('what a closed tab left is sent by one that is open', async () => {
  const memory = inMemoryStorage();
  const open = await tab(memory);
  open.api.add = vi.fn(async (title: string) => task(7, { title }));
  const closed = await offlineTab(memory);
  await closed.store.change(1, { title: 'One' });
  await closed.store.add('Milk');
  closed.store.remove(2);
  await closed.store.commitRemoval(2);
  pass(LONG);
  await open.store.load();
  await open.store.settle();
  expect(open.sent).toEqual([[1, { title: 'One' }]]);
  expect(open.api.add).toHaveBeenCalledExactlyOnceWith('Milk', {}, expect.any(String));
  expect(open.api.remove).toHaveBeenCalledExactlyOnceWith(2);
  expect(open.titles()).toEqual(['Milk', 'One']);
  expect(memory.keys()).toEqual([]);
});

test('what another tab has only just begun is left to it', async () => {
  const memory = inMemoryStorage();
  const [first, second] = [await offlineTab(memory), await tab(memory)];
  await first.store.change(1, { title: 'One' });
  await second.store.flush();
  expect(second.sent).toEqual([]);
});

test('what another tab has sent is not sent again, and does not wait any more', async () => {
  const memory = inMemoryStorage();
  const first = await offlineTab(memory);
  await first.store.change(1, { title: 'One' });
  await first.store.add('Milk');
  first.store.remove(2);
  await first.store.commitRemoval(2);
  const second = await tab(memory);
  await vi.waitFor(() => expect(memory.keys()).toEqual([]));
  expect(second.sent).toHaveLength(1);

  first.api.change = vi.fn(away);
  first.api.add = vi.fn(away);
  await first.store.flush();
  expect(first.api.change).not.toHaveBeenCalled();
  expect(first.api.add).not.toHaveBeenCalled();
  expect(first.api.remove).toHaveBeenCalledOnce();
  expect(first.store.view.get()).toMatchObject({ adding: [], unsent: new Set() });
});

test('what other tabs keep on this device counts as unconfirmed too', async () => {
  const memory = inMemoryStorage();
  const [first, second] = [await tab(memory), await offlineTab(memory)];
  await second.store.change(1, { title: 'One' });
  await second.store.add('Milk');
  expect(first.store.unconfirmed()).toBe(2);
});

test('where the browser has no room left, what was done is sent all the same', async () => {
  const full = { ...inMemoryStorage(), write: () => {} };
  const { store, api } = await offlineTab(full);
  await store.change(1, { title: 'One' });
  await store.add('Milk');
  store.remove(2);
  await store.commitRemoval(2);
  expect(store.unconfirmed()).toBe(3);
  api.change = vi.fn(async (id: number, patch: TaskPatch) => task(id, patch as object));
  api.add = vi.fn(async (title: string) => task(7, { title }));
  api.remove = vi.fn(async () => {});
  await store.flush();
  for (const call of [api.change, api.add, api.remove]) expect(call).toHaveBeenCalledOnce();
  expect(store.unconfirmed()).toBe(0);
});

test.each([429, 503])('a change that the server has no time for (%i) waits, and goes out no sooner than the server wants it', async (status) => {
  const patches: TaskPatch[] = [];
  let error: Error | null = refusal(status, 30);
  const change = async (id: number, patch: TaskPatch) => {
    patches.push(patch);
    if (error) throw error;
    return task(id, patch as object);
  };
  const { store } = await storeWith([task(1)], { change });
  store.onRefused = vi.fn();
  await store.change(1, { description: 'Long.' });
  expect(store.view.get()).toMatchObject({ tasks: [{ description: 'Long.' }], unsent: new Set([1]) });
  error = null;
  pass(29_000);
  await store.flush();
  expect(patches).toHaveLength(1);
  pass(2_000);
  await store.flush();
  expect(patches).toHaveLength(2);
  expect(store.unconfirmed()).toBe(0);
  expect(store.onRefused).not.toHaveBeenCalled();
});

test('a task that is added while the server has no time waits and is sent by itself', async () => {
  const add = vi.fn(async (title: string) => task(7, { title })).mockRejectedValueOnce(refusal(429));
  const { store, titles } = await storeWith([], { add });
  await store.add('Milk');
  expect(store.view.get().adding).toMatchObject([{ title: 'Milk', waiting: true }]);
  await store.flush();
  expect(titles()).toEqual(['Milk']);
});

test.each([refusal(422), new TaskChanged(task(1, { version: 4, updated_at: '2026-01-02T00:00:00Z' }))])('what was typed, waited and is refused goes back into the editor of its task (%s)', async (error) => {
  const memory = inMemoryStorage();
  const { store } = await offlineTab(memory);
  await store.change(1, { title: 'One', description: 'Long.', due: '2026-11-27T09:00', tags: ['a', 'b'] }, 1);
  const drafts = new TaskDraftStore(memory, 'u-1');
  drafts.keep(1, { title: 'Typed since' });
  const told: string[] = [];
  const again = await storeWith([task(1)], { change: async () => Promise.reject(error), list: away }, memory);
  again.store.onRefused = (reason, refused) => told.push(backToEditor(drafts, again.store.view.get().tasks, reason, refused));
  again.api.list = async () => [task(1)];
  await again.store.load();
  await vi.waitFor(() => expect(told).toHaveLength(1));
  expect(told[0]).toBe(`${error.message} What you typed is kept in the editor of “Task 1”.`);
  expect(drafts.of(1)).toEqual({ title: 'Typed since', description: 'Long.', date: '2026-11-27', time: '09:00', tags: 'a, b' });
  expect(again.store.view.get().tasks[0]).toMatchObject({ title: 'Task 1', description: null });
  expect(again.store.unconfirmed()).toBe(0);
});

test('a refusal of what was not typed says just that', () => {
  const drafts = new TaskDraftStore(inMemoryStorage(), 'u-1');
  expect(backToEditor(drafts, [task(1)], new Error('No.'), { id: 1, patch: { completed: true, after_id: 3 } })).toBe('No.');
  expect(backToEditor(drafts, [task(1)], new Error('No.'))).toBe('No.');
  expect(drafts.of(1)).toEqual({});
});

test('an edit is refused also after a reload when somebody else changed the task, and is no trouble when it was made', async () => {
  const memory = inMemoryStorage();
  const { store } = await offlineTab(memory);
  await store.change(1, { title: 'One', tags: ['a'] }, 1);
  await store.change(2, { title: 'Two' }, 1);
  const now = [task(1, { title: 'One', tags: ['a'], version: 2 }), task(2, { title: 'Theirs', version: 2 })];
  const versions: unknown[] = [];
  const again = await storeWith(now, { list: away }, memory);
  again.api.change = async (id, _patch, version) => (versions.push(version), Promise.reject(new TaskChanged(now[id - 1]!)));
  again.api.list = async () => now;
  again.store.onRefused = vi.fn();
  await again.store.load();
  await vi.waitFor(() => expect(again.store.unconfirmed()).toBe(0));
  expect(versions).toEqual([1, 1]);
  expect(again.store.onRefused).toHaveBeenCalledExactlyOnceWith(expect.any(TaskChanged), { id: 2, patch: { title: 'Two' } });
});

test('a tick that waits and is taken back is not made', async () => {
  const { store, api } = await offlineTab(inMemoryStorage());
  await store.change(1, { completed: true });
  api.change = vi.fn(async (id: number, patch: TaskPatch) => task(id, patch as object));
  await store.change(1, { completed: false });
  expect(api.change).toHaveBeenCalledExactlyOnceWith(1, { completed: false }, null);
});

test('what was typed over before it was sent is not handed back', async () => {
  const { store, api } = await offlineTab(inMemoryStorage());
  await store.change(1, { title: 'A', description: 'Long.' }, 1);
  const theirs = task(1, { title: 'Theirs', version: 2, updated_at: '2026-01-02T00:00:00Z' });
  api.change = async () => Promise.reject(new TaskChanged(theirs));
  store.onRefused = vi.fn();
  await expect(store.change(1, { title: 'B' }, 1)).rejects.toThrow(TaskChanged);
  expect(store.onRefused).toHaveBeenCalledExactlyOnceWith(expect.any(TaskChanged), { id: 1, patch: { description: 'Long.' } });
});

test('of changes that waited together, a tick is made although an edit is refused, and whoever waits for it is told of nothing', async () => {
  const { store, api } = await offlineTab(inMemoryStorage());
  await store.change(1, { title: 'One' }, 1);
  const theirs = task(1, { title: 'Theirs', version: 2, updated_at: '2026-01-02T00:00:00Z' });
  api.change = async (_id, patch, version) => {
    if (version) throw new TaskChanged(theirs);
    return { ...theirs, ...(patch as object), version: 3, updated_at: '2026-01-03T00:00:00Z' };
  };
  store.onRefused = vi.fn();
  await store.change(1, { completed: true });
  expect(store.view.get().tasks.find(({ id }) => id === 1)).toMatchObject({ title: 'Theirs', completed: true });
  expect(store.onRefused).toHaveBeenCalledExactlyOnceWith(expect.any(TaskChanged), { id: 1, patch: { title: 'One' } });
});
