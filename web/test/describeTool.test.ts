import { expect, test } from 'vitest';
import type { Task } from '../src/api/types';
import type { ToolPart } from '../src/chat/message';
import { toolDetails } from '../src/chat/describeTool';

const milk: Task = { id: 3, title: 'Buy milk', description: null, completed: false, created_at: 'c', updated_at: 'u' };
const part = (tool: string, input: unknown, output?: unknown): ToolPart => ({
  type: `tool-${tool}`,
  toolCallId: 'c1',
  state: output === undefined ? 'input-available' : 'output-available',
  input,
  output,
});
const rows = (of: ToolPart, before?: Task) => toolDetails(of, before).rows;

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
  const after = { ...milk, due_date: '2026-12-01', tags: ['home', 'shop'] };
  expect(rows(part('update_task', { task_id: 3 }, { success: true, task: after }), { ...milk, tags: [] } as unknown as Task)).toEqual([
    { name: 'Due date', before: 'none', after: '2026-12-01' },
    { name: 'Tags', before: 'none', after: 'home, shop' },
  ]);
});

test('a refused call and a running one say what was asked for; a look at the list has its tasks', () => {
  expect(rows(part('complete_task', { task_id: 42 }, { success: false, error: 'There is no task 42.' }))).toEqual([{ name: 'Task', after: '42' }]);
  expect(rows(part('add_task', { title: 'Buy milk' }))).toEqual([{ name: 'Title', after: 'Buy milk' }]);
  expect(toolDetails(part('list_tasks', { status: 'pending' }, { success: true, tasks: [milk], total: 1 }), undefined)).toEqual({ rows: [{ name: 'Only', after: 'pending' }], tasks: [milk] });
});
