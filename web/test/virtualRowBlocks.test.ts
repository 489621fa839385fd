import { expect, test } from 'vitest';
import type { Task } from '../src/api/types';
import { filterTasks } from '../src/tasks/filterTasks';
import { heldInPlace, listParts, type ListPart } from '../src/tasks/virtualRowBlocks';
import { task } from './fakes';

const at = (tasks: Task[], now: string, open: number | null) => listParts(filterTasks(tasks, 'all', '', now), open);
const shown = (parts: ListPart[]) => parts.flatMap((part): Array<string | number> => (part.kind === 'rows' ? part.tasks.map(({ id }) => id) : [part.kind === 'editor' ? `editor ${part.task.id}` : part.label]));
const editorKey = (parts: ListPart[]) => parts.find(({ kind }) => kind === 'editor')?.key;

test('the editor of a task is the same one when its task comes under another heading', () => {
  const tasks = [task(1, { due: '2026-11-27T14:00' }), task(2, { due: '2026-11-27T18:00' }), task(3, { due: '2026-11-20' })];
  const before = at(tasks, '2026-11-27T14:00', 1);
  const after = at(tasks, '2026-11-27T14:01', 1);
  expect(shown(before)).toEqual(['Overdue', 3, 'Today', 'editor 1', 2]);
  expect(shown(after)).toEqual(['Overdue', 3, 'editor 1', 'Today', 2]);
  expect(editorKey(before)).toBeDefined();
  expect(editorKey(after)).toBe(editorKey(before));
  expect(editorKey(at([{ ...tasks[0]!, completed: true }], '2026-11-27T14:01', 1))).toBe(editorKey(before));
});

test('the editor of a task is the same one when its row gets into another block', () => {
  const byDay = Array.from({ length: 60 }, (_, index) => task(index + 1, { due: `2026-12-01T10:${String(index).padStart(2, '0')}` }));
  const before = at(byDay, '2026-11-27T09:30', 20);
  const after = at([task(99, { due: '2026-12-01T09:00' }), ...byDay], '2026-11-27T09:30', 20);
  expect(shown(after).filter((one) => one !== 99)).toEqual(shown(before));
  expect(editorKey(after)).toBe(editorKey(before));
});

test('an open editor leaves the rows around it in their order, and no two parts have the same name', () => {
  const tasks = Array.from({ length: 50 }, (_, index) => task(50 - index));
  const rows = (open: number | null) => shown(at(tasks, '2026-11-27T09:30', open)).map((one) => (one === `editor ${open}` ? open : one));
  for (const open of [50, 40, 39, 25, 1, 999]) {
    expect(rows(open)).toEqual(rows(null));
    const keys = at(tasks, '2026-11-27T09:30', open).map(({ key }) => key);
    expect(new Set(keys).size).toBe(keys.length);
    // A block keeps its name, so that it is drawn at once when the editor closes.
    for (const { key } of at(tasks, '2026-11-27T09:30', null)) expect(keys).toContain(key);
  }
});

test('a task that is typed into stays where it was when it belongs under another heading, or leaves the view', () => {
  const groups = (tasks: Task[], now: string, view: 'all' | 'upcoming' = 'all') => filterTasks(tasks, view, '', now);
  const held = (now: ReturnType<typeof groups>, before: ReturnType<typeof groups>, edited: Task) => heldInPlace(now, before, edited).map(({ label, tasks }) => [label, ...tasks.map(({ id }) => id)]);
  const edited = task(2, { due: '2026-11-27T14:00' });
  const tasks = [task(1, { due: '2026-11-27T13:59' }), edited, task(3, { due: '2026-11-27T18:00' }), task(4, { due: '2026-11-20' })];

  const today = groups(tasks, '2026-11-27T13:59');
  expect(held(groups(tasks, '2026-11-27T14:01'), today, edited)).toEqual([['Overdue', 4, 1], ['Today', 2, 3]]);
  const upcoming = groups(tasks, '2026-11-27T13:59', 'upcoming');
  expect(held(groups([...tasks, task(5, { due: '2026-11-27T13:58' })], '2026-11-27T14:01', 'upcoming'), upcoming, edited)).toEqual([['Today', 2, 3]]);

  // Its heading stays with it, also when nothing else stands below that.
  const some = [edited, task(4, { due: '2026-11-20' }), task(6)];
  expect(held(groups(some, '2026-11-27T14:01'), groups(some, '2026-11-27T14:00'), edited)).toEqual([['Overdue', 4], ['Today', 2], ['No date', 6]]);
  expect(held(groups([edited], '2026-11-27T14:01'), groups([edited], '2026-11-27T14:00'), edited)).toEqual([['Today', 2]]);
  const done = { ...edited, completed: true };
  expect(held(groups([done, task(6)], '2026-11-27T14:00'), groups([edited, task(6)], '2026-11-27T14:00'), done)).toEqual([['Today', 2], [null, 6]]);

  // In its group it goes where its place is, and a task that was not on the list before is where it belongs.
  const later = { ...edited, due: '2026-11-27T20:00' };
  const moved = groups([...tasks.filter(({ id }) => id !== 2), later], '2026-11-27T13:59');
  expect(heldInPlace(moved, today, later)).toBe(moved);
  expect(heldInPlace(today, groups([], '2026-11-27T13:59'), edited)).toBe(today);
});
