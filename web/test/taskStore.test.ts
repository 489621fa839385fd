import { expect, test, vi } from 'vitest';
import { nextPage, TaskChanged, taskApi, type TaskApi } from '../src/api/taskApi';
import type { Change, Task } from '../src/api/types';
import { Unreachable } from '../src/api/apiErrors';
import { Session } from '../src/session/session';
import { inMemoryStorage } from '../src/storage';
import { Outbox } from '../src/tasks/outbox';
import { TaskStore } from '../src/tasks/taskStore';
import { fakeServer, json, task, tokenAnswer } from './fakes';
import { storeWith } from './taskStoreFixture';

test('the list is newest first', async () => {
  const { titles } = await storeWith([task(1), task(3), task(2)]);
  expect(titles()).toEqual(['Task 3', 'Task 2', 'Task 1']);
});

test('a change shows at once and falls back when it is refused', async () => {
  let refuse: (error: Error) => void = () => {};
  const { store } = await storeWith([task(1)], { change: () => new Promise((_, reject) => (refuse = reject)) });
  const change = store.change(1, { completed: true });
  expect(store.view.get().tasks[0]!.completed).toBe(true);
  await Promise.resolve();
  refuse(new Error('No.'));
  await expect(change).rejects.toThrow('No.');
  expect(store.view.get().tasks[0]!.completed).toBe(false);
});

test('the answer to a first edit does not undo a second one on the screen', async () => {
  const answers: Array<(value: Task) => void> = [];
  const { store } = await storeWith([task(1)], { change: () => new Promise((resolve) => answers.push(resolve)) });
  const first = store.change(1, { title: 'One' });
  const second = store.change(1, { completed: true });
  await vi.waitFor(() => expect(answers).toHaveLength(1));
  answers[0]!(task(1, { title: 'One' }));
  await first;
  expect(store.view.get().tasks[0]).toMatchObject({ title: 'One', completed: true });
  await vi.waitFor(() => expect(answers).toHaveLength(2));
  answers[1]!(task(1, { title: 'One', completed: true }));
  await second;
});

test('a task that could not be saved stays, and is sent again under the same key', async () => {
  const keys: string[] = [];
  const { store, titles } = await storeWith([], {
    add: async (title, _, key) => {
      keys.push(key);
      if (keys.length === 1) throw new Error('Away.');
      return task(7, { title });
    },
  });
  await store.add('Milk');
  expect(store.view.get().adding).toMatchObject([{ title: 'Milk', problem: 'Away.' }]);
  await store.addAgain(keys[0]!);
  expect(titles()).toEqual(['Milk']);
  expect(store.view.get().adding).toEqual([]);
  expect(keys[1]).toBe(keys[0]);
});

test('a deletion waits, can be undone, and is sent when the page goes', async () => {
  const { store, api, titles } = await storeWith([task(1), task(2)]);
  store.remove(1);
  expect(titles()).toEqual(['Task 2']);
  store.undoRemoval(1);
  expect(titles()).toEqual(['Task 2', 'Task 1']);
  await store.commitRemoval(1);
  expect(api.remove).not.toHaveBeenCalled();
  store.remove(2);
  store.leave();
  expect(api.removeLeaving).toHaveBeenCalledWith(2);
  // The browser may bring this page back, and nobody knows whether the server heard it.
  await store.settle();
  expect(api.remove).toHaveBeenCalledExactlyOnceWith(2);
  expect(titles()).toEqual(['Task 1']);
});

test('settling carries out what waits for its undo', async () => {
  const { store, api, titles } = await storeWith([task(1)]);
  store.remove(1);
  await store.settle();
  expect(api.remove).toHaveBeenCalledWith(1);
  expect(titles()).toEqual([]);
});

test('a deletion that fails brings the task back', async () => {
  const { store, titles } = await storeWith([task(1)], { remove: async () => Promise.reject(new Error('No.')) });
  store.remove(1);
  await expect(store.commitRemoval(1)).rejects.toThrow('No.');
  expect(titles()).toEqual(['Task 1']);
});

test('what the assistant did shows, and an older replay does not win', async () => {
  const { store, titles } = await storeWith([task(1, { title: 'New', updated_at: '2026-02-01T00:00:00Z' })]);
  store.applyTool('update_task', { success: true, task: task(1, { title: 'Old' }) });
  expect(titles()).toEqual(['New']);
  store.applyTool('add_task', { success: true, task: task(2) });
  expect(titles()).toEqual(['Task 2', 'New']);
  store.applyTool('delete_task', { success: true, task: task(2) });
  store.applyTool('list_tasks', { success: true, tasks: [task(2)] });
  store.applyTool('add_task', { success: true, task: task(2) });
  store.applyTool('delete_task', { success: false, error: 'There is no task 9.' });
  expect(titles()).toEqual(['New']);
});

test('update goes to the other tabs once and does not come back', async () => {
  const { store } = await storeWith([task(1)]);
  store.onUpdate = vi.fn();
  await store.change(1, { completed: true });
  expect(store.onUpdate).toHaveBeenCalledTimes(1);
  store.applyUpdate({ removed: 1 });
  expect(store.onUpdate).toHaveBeenCalledTimes(1);
  expect(store.view.get().tasks).toEqual([]);
});

test('the next page is asked on our own path', () => {
  expect(nextPage('<https://elsewhere.example/api/x/tasks?limit=500&before=abc>; rel="next"', '/api/u/tasks')).toBe('/api/u/tasks?limit=500&before=abc');
  expect(nextPage('</x?a=1>; rel="prev"', '/api/u/tasks')).toBeNull();
  expect(nextPage(null, '/api/u/tasks')).toBeNull();
});

const away = async () => Promise.reject(new Unreachable(true));

test('what was added and ticked offline is kept over a reload and sent in its order, under its keys', async () => {
  const keys: string[] = [];
  const { store, memory } = await storeWith([task(1)], { add: async (_title, _description, key) => (keys.push(key), away()), change: away });
  await Promise.all([store.add('Milk'), store.add('Bread'), store.change(1, { completed: true })]);
  expect(store.view.get().tasks[0]!.completed).toBe(true);
  expect(store.view.get().unsent).toEqual(new Set([1]));
  expect(store.unconfirmed()).toBe(3);

  const sent: unknown[] = [];
  const reloaded = await storeWith(
    [task(1)],
    {
      add: async (title, _, key) => (sent.push([title, key]), task(90 + sent.length, { title })),
      change: async (id, patch) => (sent.push(patch), task(id, { ...patch, updated_at: '2026-01-02T00:00:00Z' })),
    },
    memory,
  );
  await vi.waitFor(() => expect(reloaded.store.unconfirmed()).toBe(0));
  expect(sent).toContainEqual({ completed: true });
  expect(sent.filter(Array.isArray)).toEqual([['Milk', keys[0]], ['Bread', keys[1]]]);
  expect(reloaded.titles().slice(0, 2)).toEqual(['Bread', 'Milk']);
  expect(reloaded.store.view.get().tasks.at(-1)).toMatchObject({ id: 1, completed: true });
  expect(memory.keys()).toEqual([]);
});

test('a tick and its untick that both waited go out as what is shown', async () => {
  let offline = true;
  const patches: unknown[] = [];
  const { store } = await storeWith([task(1)], {
    change: async (id, patch) => {
      patches.push(patch);
      return offline ? away() : task(id, patch);
    },
  });
  await store.change(1, { completed: true });
  offline = false;
  await store.change(1, { title: 'One', completed: false });
  expect(patches.at(-1)).toEqual({ completed: false, title: 'One' });
  expect(store.unconfirmed()).toBe(0);
});

test('a kept tick that is refused later is dropped and told', async () => {
  const memory = inMemoryStorage();
  new Outbox(memory, 'u-1').keepChange(1, { completed: true });
  const onRefused = vi.fn();
  const again = new TaskStore({ list: async () => [task(1)], change: async () => Promise.reject(new Error('No.')) } as unknown as TaskApi, new Outbox(memory, 'u-1'));
  again.onRefused = onRefused;
  await again.load();
  await vi.waitFor(() => expect(onRefused).toHaveBeenCalledExactlyOnceWith(expect.any(Error), { id: 1, patch: { completed: true } }));
  expect(again.view.get().tasks[0]!.completed).toBe(false);
  expect(memory.keys()).toEqual([]);
});

test('discarding a task that waits forgets it on the device too', async () => {
  const { store, memory } = await storeWith([], { add: away });
  await store.add('Milk');
  store.discard(store.view.get().adding[0]!.key);
  expect(memory.keys()).toEqual([]);
});

test('a task that is discarded while another is on its way is not sent', async () => {
  let offline = true;
  let answer: () => void = () => {};
  const sent: string[] = [];
  const { store } = await storeWith([], {
    add: async (title) => {
      if (offline) return away();
      sent.push(title);
      await new Promise<void>((resolve) => (answer = resolve));
      return task(1, { title });
    },
  });
  await store.add('Milk');
  await store.add('Bread');
  offline = false;
  const flushed = store.flush();
  store.discard(store.view.get().adding.find(({ title }) => title === 'Bread')!.key);
  answer();
  await flushed;
  expect(sent).toEqual(['Milk']);
  expect(store.unconfirmed()).toBe(0);
});

test('of a list only the pages that it has now are kept', async () => {
  const session = new Session(inMemoryStorage(), (work) => work());
  session.accept(tokenAnswer(1));
  let cursor = 5;
  const calls = fakeServer(({ path }) => {
    const isFirst = !path.includes('before');
    return json([task(isFirst ? 9 : 1)], 200, { etag: '"1"', ...(isFirst && { link: `</api/u-1/tasks?limit=500&before=${cursor}>; rel="next"` }) });
  });
  const api = taskApi(session, 'u-1');
  for (cursor of [5, 6, 5]) await api.list();
  const tags = calls.map((call) => call.headers.get('if-none-match'));
  expect(tags).toEqual([null, null, '"1"', null, '"1"', null]);
});

test('an unchanged list is not sent again where the server gives it an ETag', async () => {
  const session = new Session(inMemoryStorage(), (work) => work());
  session.accept(tokenAnswer(1));
  const calls = fakeServer(({ headers }) => (headers.get('if-none-match') === '"1"' ? new Response(null, { status: 304 }) : json([task(1)], 200, { etag: '"1"' })));
  const api = taskApi(session, 'u-1');
  expect(await api.list()).toEqual(await api.list());
  expect(calls.map((call) => call.headers.get('if-none-match'))).toEqual([null, '"1"']);
});

test('a list that says the same is the same objects, so that no row is drawn again', async () => {
  const { store } = await storeWith([task(1)], { list: async () => [task(1)] });
  const [before] = store.view.get().tasks;
  await store.load('quietly');
  expect(store.view.get().tasks[0]).toBe(before);
});

test('reading the list again in the background complains about nothing', async () => {
  let offline = false;
  const { store } = await storeWith([], { list: async () => (offline ? away() : [task(1)]) });
  offline = true;
  await store.load('quietly');
  expect(store.view.get()).toMatchObject({ phase: 'ready', problem: null });
  await store.load();
  expect(store.view.get().problem).toContain('You are offline.');
});

test('a change is for the version that was looked at, and our own change is not somebody else\'s', async () => {
  const versions: Array<number | null | undefined> = [];
  const change = async (id: number, patch: object, version?: number | null) => {
    versions.push(version);
    return task(id, { ...patch, version: (version ?? 3) + 1, updated_at: `2026-01-0${versions.length + 1}T00:00:00Z` });
  };
  const { store } = await storeWith([task(1, { version: 3 })], { change });
  await Promise.all([store.change(1, { title: 'One' }, 3), store.change(1, { priority: 'high' }, 3)]);
  await store.change(1, { completed: true });
  expect(versions).toEqual([3, 4, null]);
});

test('a refused change shows what the task is now, and is told', async () => {
  const theirs = task(1, { title: 'Theirs', version: 4, updated_at: '2026-01-02T00:00:00Z' });
  const calls = fakeServer(({ method }) => (method === 'PATCH' ? json({ code: 'task_changed', task: theirs }, 412) : json([task(1, { version: 3 })])));
  const session = new Session(inMemoryStorage());
  session.accept(tokenAnswer(1));
  const { store } = await storeWith([task(1, { version: 3 })], { change: taskApi(session, 'u-1').change });
  await expect(store.change(1, { title: 'Mine' }, 3)).rejects.toThrow(TaskChanged);
  expect(calls.at(-1)!.headers.get('if-match')).toBe('"3"');
  expect(store.view.get().tasks[0]).toMatchObject({ title: 'Theirs', version: 4 });
});

test('a repeating task that is done stays, and is done once although the answer was lost', async () => {
  const before = task(1, { due: '2026-01-05', repeat: 'FREQ=WEEKLY;BYDAY=MO', repeat_in_words: 'every Monday', version: 1 });
  const moved = { ...before, due: '2026-01-12', version: 2, updated_at: '2026-01-02T00:00:00Z' };
  let refuse = (_: Error) => {};
  const { store } = await storeWith([before], { change: () => new Promise((_, reject) => (refuse = reject)) });
  const done = store.change(1, { completed: true }, 1);
  expect(store.view.get().tasks[0]!.completed).toBe(false);
  await Promise.resolve();
  refuse(new TaskChanged(moved));
  await done;
  expect(store.view.get().tasks[0]).toMatchObject({ due: '2026-01-12', completed: false });
});

test('what a tool leaves out is nothing, and it may speak of several tasks', async () => {
  const { store } = await storeWith([task(1, { due: '2026-01-05', priority: 'high', tags: ['home'] }), task(2)]);
  const told = (id: number, more = {}) => ({ id, title: `Task ${id}`, description: null, completed: false, created_at: '', updated_at: '2026-01-02T00:00:00Z', ...more });
  const results = [{ success: true, task: told(1) }, { success: true, task: told(2, { due: '2026-01-06', when: 'Tuesday', repeat: 'every day' }) }, { success: false, error: 'No.' }];
  expect(store.applyTool('update_task', { success: true, results }).map(({ id }) => id)).toEqual([1, 2]);
  const [second, first] = store.view.get().tasks;
  expect(first).toMatchObject({ due: null, priority: 'none', tags: [], repeat: null });
  expect(second).toMatchObject({ due: '2026-01-06', repeat_in_words: 'every day' });
  expect(second).not.toHaveProperty('when');
});

test('a task that was deleted comes back when it is undone here, or when a later reading of the list has it', async () => {
  let answer: (tasks: Task[]) => void = () => {};
  const { store, api, titles } = await storeWith([task(1)]);
  store.onUpdate = vi.fn();
  store.applyTool('delete_task', { success: true, task: task(1) });
  store.applyUndone({ changes: [], tasks: [task(1)] });
  expect(titles()).toEqual(['Task 1']);
  expect(store.onUpdate).toHaveBeenLastCalledWith({ restored: [task(1)] });

  // A list that was asked for before the deletion is older than it.
  api.list = () => new Promise((resolve) => (answer = resolve));
  const reading = store.load();
  store.applyTool('delete_task', { success: true, task: task(1) });
  answer([task(1)]);
  await reading;
  expect(titles()).toEqual([]);
  api.list = async () => [task(1)];
  await store.load();
  expect(titles()).toEqual(['Task 1']);
  // Also in another tab.
  store.applyUpdate({ removed: 1 });
  store.applyUpdate({ restored: [task(1)] });
  expect(titles()).toEqual(['Task 1']);
});

test('undoing what was added takes it off the list', async () => {
  const { store, titles } = await storeWith([task(1), task(2)]);
  store.applyUndone({ changes: [{ after: null, task_id: 2 } as Change], tasks: [] });
  expect(titles()).toEqual(['Task 1']);
});

test('a deletion that reaches nobody is kept on the device, also over a reload, and done later', async () => {
  const memory = inMemoryStorage();
  const away = { remove: vi.fn(async () => Promise.reject(new Unreachable(true))) };
  const { store, titles } = await storeWith([task(1, { version: 3 }), task(2)], away, memory);
  store.remove(1);
  await store.commitRemoval(1);
  expect(titles()).toEqual(['Task 2']);
  expect(store.unconfirmed()).toBe(1);

  const again = await storeWith([task(1, { version: 3 }), task(2)], {}, memory);
  expect(again.titles()).toEqual(['Task 2']);
  await vi.waitFor(() => expect(again.api.remove).toHaveBeenCalledExactlyOnceWith(1));
  await vi.waitFor(() => expect(again.store.unconfirmed()).toBe(0));
  const third = await storeWith([task(2)], {}, memory);
  expect(third.api.remove).not.toHaveBeenCalled();
});

test('a kept deletion is given up when the task was changed meanwhile, or is gone', async () => {
  const memory = inMemoryStorage();
  const outbox = new Outbox(memory, 'u-1');
  outbox.keepRemoval(1, 3);
  outbox.keepRemoval(9, 1);
  const { store, api, titles } = await storeWith([task(1, { version: 4 }), task(2)], {}, memory);
  expect(titles()).toEqual(['Task 2', 'Task 1']);
  await store.settle();
  expect(api.remove).not.toHaveBeenCalled();
  expect(store.unconfirmed()).toBe(0);
});

test('a deletion that another tab has kept is given up when the task was changed meanwhile', async () => {
  const memory = inMemoryStorage();
  let listed = [task(1, { version: 3 }), task(2)];
  const { store, api, titles } = await storeWith(listed, { list: () => Promise.resolve(listed) }, memory);
  new Outbox(memory, 'u-1').keepRemoval(1, 3);
  listed = [task(1, { version: 4 }), task(2)];
  await store.settle();
  await store.load();
  await store.settle();
  expect(api.remove).not.toHaveBeenCalled();
  expect(titles()).toEqual(['Task 2', 'Task 1']);
});

test('what the assistant undid shows: deleted tasks are back, added ones gone', async () => {
  const { store, titles } = await storeWith([task(1), task(2)]);
  store.applyTool('delete_task', { success: true, task: task(1) });
  expect(titles()).toEqual(['Task 2']);
  const { created_at: _created, updated_at: _updated, ...told } = task(1);
  const changed = store.applyTool('undo_last', { success: true, results: [{ success: true, kind: 'restored', task: told }, { success: true, kind: 'deleted', task: task(2) }] });
  expect(titles()).toEqual(['Task 1']);
  expect(changed.map(({ id }) => id)).toEqual([1]);
});

test('of several tasks a tool tells less: what is known of them stays, and one that is not known is no trouble', async () => {
  const { store } = await storeWith([task(1, { description: 'The oat one.' })]);
  const told = (id: number) => ({ success: true, task: { id, title: `Task ${id}`, completed: true } });
  store.applyTool('complete_task', { success: true, results: [told(1), told(9)] });
  expect(store.view.get().tasks).toMatchObject([{ id: 9, completed: true }, { id: 1, completed: true, description: 'The oat one.' }]);
});
