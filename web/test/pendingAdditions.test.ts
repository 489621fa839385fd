import { expect, test } from 'vitest';
import type { Task } from '../src/api/types';
import { task } from './fakes';
import { storeWith } from './taskStoreFixture';

const turn = () => new Promise((resolve) => setTimeout(resolve));

/** Whether something has come to its end. */
function watched(work: Promise<unknown>): { isOver: boolean } {
  const state = { isOver: false };
  void work.then(() => (state.isOver = true));
  return state;
}

test('settling waits for a task that is on its way, so that a message does not overtake it', async () => {
  let answer: (saved: Task) => void = () => {};
  const { store, titles } = await storeWith([], { add: () => new Promise((resolve) => (answer = resolve)) });
  void store.add('Milk');
  const settling = store.settle();
  const settled = watched(settling);
  await turn();
  expect(settled.isOver).toBe(false);
  answer(task(7, { title: 'Milk' }));
  await settling;
  expect(titles()).toEqual(['Milk']);
});

test('settling waits for a line that is still being read, and for a task that is sent again', async () => {
  let read: (entry: { title: string; details: object }) => void = () => {};
  const answers: Array<() => void> = [];
  const { store, titles } = await storeWith([], {
    add: (title) => new Promise((resolve, reject) => answers.push(() => (answers.length > 1 ? resolve(task(7, { title })) : reject(new Error('No.'))))),
  });
  void store.addWhenRead(new Promise((resolve) => (read = resolve)));
  const settling = store.settle();
  const settled = watched(settling);
  await turn();
  expect(settled.isOver).toBe(false);
  read({ title: 'Milk', details: {} });
  await turn();
  expect(settled.isOver).toBe(false);
  answers[0]!();
  await settling;

  void store.addAgain(store.view.get().adding[0]!.key);
  const again = watched(store.settle());
  await turn();
  expect(again.isOver).toBe(false);
  answers[1]!();
  await turn();
  expect(again.isOver).toBe(true);
  expect(titles()).toEqual(['Milk']);
});

test('a task that is discarded while it is on its way does not come back when it fails', async () => {
  let fail: (error: Error) => void = () => {};
  const { store } = await storeWith([], { add: () => new Promise((_, reject) => (fail = reject)) });
  const adding = store.add('Milk');
  store.discard(store.view.get().adding[0]!.key);
  fail(new Error('No.'));
  await adding;
  expect(store.view.get().adding).toEqual([]);
  expect(store.unconfirmed()).toBe(0);
});
