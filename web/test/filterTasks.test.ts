import { expect, test, vi } from 'vitest';
import { addDays, dayInWords, dueInWords, isLate, localDue } from '../src/tasks/dueDates';
import type { Task } from '../src/api/types';
import { filterTasks, isShown, parentsOf, tagsOf } from '../src/tasks/filterTasks';
import { byHand, placedAfter, taskBefore } from '../src/tasks/manualOrder';
import { rowBlocks } from '../src/tasks/virtualRowBlocks';
import { badgesOf } from '../src/tasks/TaskBadges';
import { task } from './fakes';

const NOW = '2026-11-27T09:30';
const shown = (...of: Parameters<typeof filterTasks>) => filterTasks(...of).map(({ label, tasks }) => [label, ...tasks.map(({ id }) => id)]);

const dated = [
  task(1),
  task(2, { due: '2026-11-27' }),
  task(3, { due: '2026-11-27T18:00', priority: 'low' }),
  task(4, { due: '2026-11-27T09:00' }),
  task(5, { due: '2026-11-20' }),
  task(6, { due: '2026-12-04' }),
  task(7, { due: '2026-11-28' }),
  task(8, { due: '2026-11-01', completed: true, completed_at: '2026-11-02T00:00:00Z' }),
  task(9, { completed: true, completed_at: '2026-11-01T00:00:00Z' }),
  task(10, { due: '2026-11-27', priority: 'high' }),
];

test('views: what is overdue and due today, what comes day by day, all, and what is done', () => {
  expect(shown(dated, 'today', '', NOW)).toEqual([['Overdue', 5, 4], ['Today', 3, 10, 2]]);
  expect(shown(dated, 'upcoming', '', NOW)).toEqual([['Today', 3, 10, 2], ['Tomorrow', 7], ['Fri 4 Dec', 6]]);
  expect(shown(dated, 'all', '', NOW)).toEqual([['Overdue', 5, 4], ['Today', 3, 10, 2], ['Tomorrow', 7], ['Fri 4 Dec', 6], ['No date', 1], ['Done · 2', 8, 9]]);
  expect(shown(dated, 'done', '', NOW)).toEqual([['Done · 2', 8, 9]]);
});

test('a list without any date has no headings, and keeps its order', () => {
  expect(shown([task(3), task(2, { priority: 'high' }), task(1, { completed: true })], 'all', '', NOW)).toEqual([[null, 3, 2], ['Done · 1', 1]]);
});

test('the search looks at titles, descriptions and tags', () => {
  const tasks = [task(1, { title: 'Buy MILK' }), task(2, { description: 'with milk' }), task(3, { title: 'Milk done', completed: true }), task(4, { tags: ['Milk'] }), task(5)];
  expect(shown(tasks, 'all', ' milk ', NOW)).toEqual([[null, 1, 2, 4], ['Done · 1', 3]]);
  expect(shown(tasks, 'all', '#milk', NOW)).toEqual([[null, 4]]);
  expect(isShown(task(5), 'today', '', NOW)).toBe(false);
  expect(isShown(task(5, { due: '2026-11-27' }), 'today', '', NOW)).toBe(true);
});

test('days in words', () => {
  expect(['2026-11-26', '2026-11-27', '2026-11-28', '2026-12-04', '2027-01-01'].map((day) => dayInWords(day, NOW))).toEqual(['Yesterday', 'Today', 'Tomorrow', 'Fri 4 Dec', 'Fri 1 Jan 2027']);
  expect(dueInWords('2026-11-28T09:00', NOW)).toBe('Tomorrow, 9:00');
  expect(dueInWords('2026-11-28T00:05', NOW)).toBe('Tomorrow, 0:05');
  expect(addDays('2028-02-28', 2)).toBe('2028-03-01');
});

test('a day is late when it is over, a time when it has come', () => {
  expect(isLate('2026-11-27', NOW)).toBe(false);
  expect(isLate('2026-11-26', NOW)).toBe(true);
  expect(isLate('2026-11-27T09:29', NOW)).toBe(true);
  expect(isLate('2026-11-27T09:30', NOW)).toBe(false);
});

test('a time of another place is read off the own clock, a whole day is the same everywhere', () => {
  vi.stubEnv('TZ', 'Asia/Tokyo');
  const rent = { due: '2026-11-27T09:00', due_time_zone: 'Europe/Berlin', due_at: '2026-11-27T08:00:00Z' };
  expect(localDue(rent)).toBe('2026-11-27T17:00');
  expect(localDue({ due: '2026-11-27', due_time_zone: 'Europe/Berlin', due_at: null })).toBe('2026-11-27');
  vi.unstubAllEnvs();
});

test('marks of a row say when, how often and how important', () => {
  const texts = (more: object) => badgesOf(task(1, more), NOW).map(({ text }) => text);
  expect(texts({ due: '2026-11-26T09:00', repeat_in_words: 'every Thursday', priority: 'high', tags: ['home'] })).toEqual(['Overdue: Yesterday, 9:00', '↻ every Thursday', 'High priority', '#home']);
  expect(texts({ due: '2026-11-26', completed: true })).toEqual(['Yesterday']);
  expect(texts({})).toEqual([]);
});

test('orders: by hand, by priority, and the newest first, without headings', () => {
  const tasks = [task(1, { position: 1, due: '2026-11-28' }), task(2, { position: 0, priority: 'high' }), task(3, { position: 2, priority: 'high', due: '2026-11-20' }), task(4, { completed: true })];
  const inOrder = (sort: 'hand' | 'priority' | 'newest') => filterTasks(tasks, 'all', '', NOW, { sort }).map(({ label, tasks: some }) => [label, ...some.map(({ id }) => id)]);
  expect(inOrder('hand')).toEqual([[null, 2, 1, 3], ['Done · 1', 4]]);
  expect(inOrder('priority')).toEqual([[null, 3, 2, 1], ['Done · 1', 4]]);
  expect(inOrder('newest')).toEqual([[null, 3, 2, 1], ['Done · 1', 4]]);
  expect(filterTasks(tasks, 'today', '', NOW, { sort: 'hand' }).flatMap(({ tasks: some }) => some.map(({ id }) => id))).toEqual([3]);
});

test('a subtask comes right after its task, in the order by hand; elsewhere it stands alone', () => {
  const tasks = [task(1, { due: '2026-12-04' }), task(2), task(3, { parent_id: 1 }), task(4, { parent_id: 1, due: '2026-11-27', position: 5 }), task(5, { parent_id: 1, completed: true }), task(6, { parent_id: 99 })];
  const all = filterTasks(tasks, 'all', '', NOW);
  expect(all.map(({ label, tasks: some }) => [label, ...some.map(({ id }) => id)])).toEqual([['Fri 4 Dec', 1, 3, 4], ['No date', 2, 6], ['Done · 1', 5]]);
  expect([...all[0]!.indented]).toEqual([3, 4]);
  expect(shown(tasks, 'today', '', NOW)).toEqual([['Today', 4]]);
  // Its task is done: it is on its own.
  expect(shown([task(1, { completed: true }), task(3, { parent_id: 1 })], 'all', '', NOW)).toEqual([[null, 3], ['Done · 1', 1]]);
  // What the server does not allow is not lost either.
  expect(shown([task(1, { parent_id: 2 }), task(2, { parent_id: 1 }), task(3, { parent_id: 1 })], 'all', '', NOW)[0]).toHaveLength(4);
  expect(parentsOf(tasks)).toEqual({ open: new Map([[1, 2], [99, 1]]), titles: new Map([[1, 'Task 1']]) });
});

test('one tag alone, whatever its case', () => {
  const tasks = [task(1, { tags: ['Home', 'money'] }), task(2, { tags: ['home'] }), task(3)];
  expect(tagsOf(tasks)).toEqual(['Home', 'money']);
  expect(filterTasks(tasks, 'all', '', NOW, { tag: 'Home' }).flatMap(({ tasks: some }) => some.map(({ id }) => id))).toEqual([1, 2]);
  expect(isShown(task(3), 'all', '', NOW, 'home')).toBe(false);
});

test('rows are cut into blocks, and stay in their order', () => {
  const inOrder = Array.from({ length: 50 }, (_, index) => task(50 - index));
  const mixed = [...inOrder].sort((a, b) => (a.id % 7) - (b.id % 7));
  for (const tasks of [inOrder, mixed]) expect(rowBlocks(tasks).flatMap((block) => block.tasks)).toEqual(tasks);
  // A new task at the top leaves the others in their blocks.
  const before = new Map(rowBlocks(inOrder).map(({ key, tasks }) => [key, tasks]));
  for (const { key, tasks } of rowBlocks([task(51), ...inOrder]).slice(1)) expect(before.get(key)).toEqual(tasks);
});

test('a place by hand: before or after another task, or at the top', () => {
  const tasks = [task(1, { position: 10 }), task(2, { position: 20 }), task(3, { position: 30 })];
  const ids = (some: Task[]) => [...some].sort(byHand).map(({ id }) => id);
  expect(taskBefore(tasks, 3, { id: 2, side: 'before' })).toBe(1);
  expect(taskBefore(tasks, 3, { id: 1, side: 'before' })).toBeNull();
  expect(taskBefore(tasks, 1, { id: 2, side: 'before' })).toBeNull();
  expect(taskBefore(tasks, 1, { id: 2, side: 'after' })).toBe(2);
  expect(ids(placedAfter(tasks, 3, 1))).toEqual([1, 3, 2]);
  expect(ids(placedAfter(tasks, 3, null))).toEqual([3, 1, 2]);
  expect(ids(placedAfter(tasks, 1, 3))).toEqual([2, 3, 1]);
  expect(placedAfter(tasks, 1, 99)).toBe(tasks);
});
