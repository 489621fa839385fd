import { expect, test } from 'vitest';
import type { Schemas } from '../src/api/types';
import { task as anyTask } from './fakes';
import { snoozes } from '../src/tasks/snooze';
import { changedMeanwhile, fieldText, patchOf, withAll, withTyped } from '../src/tasks/taskDraft';

const task = (more: Partial<Schemas['Task']> = {}) => anyTask(1, { title: 'Buy milk', ...more });

test('only what was typed is sent, also when the task changed meanwhile', () => {
  const draft = withTyped(task(), {}, 'description', 'oat');
  const renamed = task({ title: 'Buy oat milk' });
  expect(fieldText(renamed, draft, 'title')).toBe('Buy oat milk');
  expect(patchOf(renamed, draft)).toEqual({ description: 'oat' });
});

test('typing back what the task says, and spaces around it, change nothing', () => {
  const draft = withTyped(task(), { title: 'Buy' }, 'title', 'Buy milk');
  expect(draft).toEqual({});
  expect(patchOf(task(), { title: ' Buy milk ' })).toEqual({});
});

test('a subtask that is not added yet is kept, and is no change of the task', () => {
  const draft = withTyped(task(), {}, 'subtask', 'oat');
  expect(draft).toEqual({ subtask: 'oat' });
  expect(patchOf(task(), draft)).toEqual({});
  expect(withTyped(task(), draft, 'subtask', '')).toEqual({});
});

test('an emptied description is removed', () => {
  const described = task({ description: 'oat' });
  expect(patchOf(described, withTyped(described, {}, 'description', ' '))).toEqual({ description: null });
});

test('day and time are one member, tags and repeat are written as the server reads them', () => {
  const due = task({ due: '2026-11-27T09:00', tags: ['home'], repeat: 'FREQ=DAILY', repeat_in_words: 'every day' });
  expect(patchOf(due, { date: '2026-11-28' })).toEqual({ due: '2026-11-28T09:00' });
  expect(patchOf(due, { time: '' })).toEqual({ due: '2026-11-27' });
  expect(patchOf(due, withAll(due, {}, { date: '', time: '', repeat: '' }))).toEqual({ due: null, repeat: null });
  expect(patchOf(due, { date: '' })).toEqual({ due: null });
  expect(patchOf(task(), { time: '08:00' }, '2026-11-27')).toEqual({ due: '2026-11-27T08:00' });
  expect(patchOf(due, { tags: '#home, money,, ' , repeat: 'every week', priority: 'high' })).toEqual({ tags: ['home', 'money'], repeat: 'every week', priority: 'high' });
  expect(withAll(due, { date: '2026-11-28' }, { date: '2026-11-27', time: '09:00' })).toEqual({});
});

test('what somebody else changed meanwhile is told by its fields', () => {
  const now = task({ title: 'Buy oat milk', due: '2026-11-27', completed: true });
  expect(changedMeanwhile(task(), now)).toEqual(['Title: Buy oat milk', 'Date: 2026-11-27', 'It is done']);
  expect(changedMeanwhile(task({ completed: true }), now, ['description', 'date'])).toEqual(['Date: 2026-11-27']);
  expect(changedMeanwhile(now, now)).toEqual([]);
});

test('putting off: later today while there is a later, else tomorrow, and the next week as it begins', () => {
  const of = (now: string, start?: string) => snoozes(now, start).map(({ label, texts }) => [label, texts.date, texts.time]);
  expect(of('2026-11-27T09:30')).toEqual([['Later today', '2026-11-27', '12:00'], ['Tomorrow', '2026-11-28', undefined], ['Next week', '2026-11-30', undefined]]);
  expect(of('2026-11-27T19:00', 'sunday')).toEqual([['Tomorrow', '2026-11-28', undefined], ['Next week', '2026-11-29', undefined]]);
  expect(of('2026-11-30T19:00').at(-1)).toEqual(['Next week', '2026-12-07', undefined]);
});
