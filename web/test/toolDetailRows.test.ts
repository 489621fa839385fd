import { expect, test, vi } from 'vitest';
import type { Task } from '../src/api/types';
import type { ToolPart } from '../src/chat/message';
import { toolDetailRows } from '../src/chat/toolDetailRows';
import { task } from './fakes';

const milk = { ...task(3, { title: 'Buy milk' }), created_at: 'c', updated_at: 'u' };
const part = (tool: string, input: unknown, output?: unknown): ToolPart => ({
  type: `tool-${tool}`,
  toolCallId: 'c1',
  state: output === undefined ? 'input-available' : 'output-available',
  input,
  output,
});
const rows = (of: ToolPart, before?: Task) => toolDetailRows(of, before).rows;

test('a change says what it was and what it is, and nothing else', () => {
  const after = { ...milk, title: 'Buy oat milk', description: 'Two', updated_at: 'later' };
  expect(rows(part('update_task', { task_id: 3, title: 'Buy oat milk' }, { success: true, task: after }), milk)).toEqual([
    { name: 'Title', before: 'Buy milk', after: 'Buy oat milk' },
    { name: 'Description', before: 'none', after: 'Two' },
  ]);
  expect(rows(part('complete_task', { task_id: 3 }, { success: true, task: { ...milk, completed: true } }), milk)).toEqual([{ name: 'State', before: 'to do', after: 'done' }]);
});

test('where nobody saw the task before, only what was asked for is said', () => {
  expect(rows(part('update_task', { task_id: 3, description: 'Two' }, { success: true, task: { ...milk, description: 'Two' } }))).toEqual([{ name: 'Description', after: 'Two' }]);
  expect(rows(part('complete_task', { task_id: 3, completed: false }, { success: true, task: milk }))).toEqual([{ name: 'State', after: 'to do' }]);
});

test('what is added or deleted is told with what it has', () => {
  expect(rows(part('add_task', { title: 'Buy milk' }, { success: true, task: milk }))).toEqual([{ name: 'Title', after: 'Buy milk' }]);
  expect(rows(part('delete_task', { task_id: 3 }, { success: true, task: { ...milk, completed: true } }))).toContainEqual({ name: 'State', after: 'done' });
});

test('members that this page does not know yet are told as well', () => {
  const after = { ...milk, due_date: '2026-12-01', labels: ['home', 'shop'] };
  expect(rows(part('update_task', { task_id: 3 }, { success: true, task: after }), { ...milk, labels: [] } as unknown as Task)).toEqual([
    { name: 'Due date', before: 'none', after: '2026-12-01' },
    { name: 'Labels', before: 'none', after: 'home, shop' },
  ]);
});

test('a refused call and a running one say what was asked for; a look at the list has its tasks', () => {
  expect(rows(part('complete_task', { task_id: 42 }, { success: false, error: 'There is no task 42.' }))).toEqual([{ name: 'Task', after: '42' }]);
  expect(rows(part('add_task', { title: 'Buy milk' }))).toEqual([{ name: 'Title', after: 'Buy milk' }]);
  expect(toolDetailRows(part('list_tasks', { status: 'pending' }, { success: true, tasks: [milk], total: 1 }), undefined)).toEqual({ rows: [{ name: 'Only', after: 'pending' }], tasks: [milk] });
});

test('a look at what was done has its changes', () => {
  const changes = [{ at: '2026-11-27 09:00', kind: 'updated', task_id: 3, title: 'Buy milk', details: 'priority high instead of none' }, { at: '2026-11-26 18:30', kind: 'added', task_id: 3, title: 'Buy milk' }];
  expect(rows(part('list_changes', { since: 'week' }, { success: true, changes, more: false })).slice(1)).toEqual([
    { name: '2026-11-27 09:00', after: 'Buy milk: updated, priority high instead of none' },
    { name: '2026-11-26 18:30', after: 'Buy milk: added' },
  ]);
});

test('days and repeats of a task are said in words', () => {
  vi.useFakeTimers({ now: new Date(2026, 10, 26, 12) });
  const told = { id: 3, title: 'Buy milk', completed: false, due: '2026-11-27T09:00', when: 'Friday, 27 November, 9:00', repeat: 'every Friday', tags: ['home'] };
  expect(toolDetailRows(part('add_task', {}, { success: true, task: told }), undefined).rows).toEqual([
    { name: 'Title', after: 'Buy milk' },
    { name: 'Due', after: 'Friday, 27 November, 9:00' },
    { name: 'Repeat', after: 'every Friday' },
    { name: 'Tags', after: 'home' },
  ]);
  const before = task(3, { title: 'Buy milk', due: '2026-11-26', priority: 'high', repeat: 'FREQ=WEEKLY;BYDAY=FR', repeat_in_words: 'every Friday', tags: ['home'] });
  expect(toolDetailRows(part('update_task', {}, { success: true, task: told }), before).rows).toEqual([
    { name: 'Due', before: 'Today', after: 'Friday, 27 November, 9:00' },
    { name: 'Priority', before: 'high', after: 'none' },
  ]);
  // A day that stays is no change, though the tool has words of its own for it.
  expect(toolDetailRows(part('update_task', {}, { success: true, task: told }), { ...before, due: '2026-11-27T09:00' }).rows).toEqual([{ name: 'Priority', before: 'high', after: 'none' }]);
  vi.useRealTimers();
});
