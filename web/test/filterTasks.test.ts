import { expect, test, vi } from 'vitest';
import { addDays, dayInWords, dueInWords, isLate, localDue } from '../src/tasks/dueText';
import { filterTasks, isShown } from '../src/tasks/filterTasks';
import { marksOf } from '../src/tasks/TaskMarks';
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
  const texts = (more: object) => marksOf(task(1, more), NOW).map(({ text }) => text);
  expect(texts({ due: '2026-11-26T09:00', repeat_in_words: 'every Thursday', priority: 'high', tags: ['home'] })).toEqual(['Overdue: Yesterday, 9:00', '↻ every Thursday', 'High priority', '#home']);
  expect(texts({ due: '2026-11-26', completed: true })).toEqual(['Yesterday']);
  expect(texts({})).toEqual([]);
});
