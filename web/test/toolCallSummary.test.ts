import { expect, test } from 'vitest';
import type { ToolPart } from '../src/chat/message';
import { plainSentence, summarizeToolCall } from '../src/chat/toolCallSummary';

const milk = { id: 3, title: 'Buy milk', description: null, completed: false, created_at: '', updated_at: '' };
const part = (tool: string, input: unknown, output?: unknown): ToolPart => ({
  type: `tool-${tool}`,
  toolCallId: 'c1',
  state: output === undefined ? 'input-available' : 'output-available',
  input,
  output,
});
const say = (...of: Parameters<typeof part>) => plainSentence(summarizeToolCall(part(...of)).sentence);

test.each([
  ['add_task', { title: 'Buy milk' }, { success: true, task: milk }, 'Added Buy milk as task 3'],
  ['complete_task', { task_id: 3 }, { success: true, task: { ...milk, completed: true } }, 'Ticked off Buy milk (task 3)'],
  ['complete_task', { task_id: 3, completed: false }, { success: true, task: milk }, 'Put Buy milk (task 3) back on the list'],
  ['update_task', { task_id: 3, title: 'Buy milk' }, { success: true, task: milk }, 'Renamed task 3 to Buy milk'],
  ['update_task', { task_id: 3, description: 'oat' }, { success: true, task: milk }, 'Described Buy milk (task 3)'],
  ['delete_task', { task_id: 3 }, { success: true, task: milk }, 'Deleted Buy milk (task 3)'],
  ['list_tasks', {}, { success: true, tasks: [milk], total: 1 }, 'Looked at your list: 1 task'],
  ['list_tasks', { status: 'pending' }, { success: true, tasks: [], total: 0 }, 'Looked at your list: 0 open tasks'],
  ['list_tasks', { search: 'milk' }, { success: true, tasks: [milk, milk], total: 2 }, 'Looked for milk: 2 tasks'],
  ['delete_task', { task_id: [3, 4] }, { success: true, results: [{ success: true, task: milk }, { success: false, error: 'No.' }] }, 'Deleted Buy milk (1 could not be found or changed)'],
  ['complete_task', { task_id: [1, 2, 3, 4] }, { success: true, results: [1, 2, 3, 4].map((id) => ({ success: true, task: { ...milk, completed: true, title: `T${id}` } })) }, 'Ticked off T1, T2, T3 and 1 more'],
  ['complete_task', { task_id: [3], completed: false }, { success: true, results: [{ success: true, task: milk }] }, 'Put Buy milk back on the list'],
  ['delete_task', { task_id: [1, 2, 3, 4] }, { success: false, error: 'Ask.', approval: { id: 'a' } }, 'Asked first: Deleting 4 tasks'],
  ['delete_task', { task_id: [8, 9] }, { success: false, results: [{ success: false, error: 'There is no task 8.' }] }, 'Could not delete the task: There is no task 8.'],
  ['undo_last', {}, { success: true, results: [{ success: true, kind: 'restored', task: milk, task_id: 3 }] }, 'Undid what was done to Buy milk'],
  ['undo_replaced', {}, { success: true, results: [{ success: true, kind: 'deleted', task: milk, task_id: 3 }] }, 'Undid what was done to Buy milk'],
  ['list_changes', { since: 'week' }, { success: true, changes: [{ kind: 'added' }, { kind: 'deleted' }], more: false }, 'Looked at what was done: 2 changes'],
  ['list_changes', {}, { success: true, changes: [{ kind: 'added' }], more: false }, 'Looked at what was done: 1 change'],
  ['undo_last', {}, { success: false, error: 'There is nothing to undo.' }, 'Could not undo: There is nothing to undo.'],
  ['fly_kite', {}, { success: true }, 'Used fly kite'],
])('%s says what it did', (tool, input, output, sentence) => {
  expect(say(tool, input, output)).toBe(sentence);
});

test('a running call says what it is doing', () => {
  expect(say('add_task', { title: 'Buy milk' })).toBe('Adding Buy milk…');
  expect(summarizeToolCall(part('delete_task', { task_id: 3 })).state).toBe('running');
});

test('a refused call says why', () => {
  const refused = part('complete_task', { task_id: 42 }, { success: false, error: 'There is no task 42.', code: 'NOT_FOUND' });
  expect(summarizeToolCall(refused)).toEqual({ state: 'refused', sentence: ['Could not tick off the task: There is no task 42.'] });
});

test('the title is a piece of its own, never markup', () => {
  const report = summarizeToolCall(part('add_task', { title: '<b>x</b>' }, { success: true, task: { ...milk, title: '<b>x</b>' } }));
  expect(report.sentence).toContainEqual({ title: '<b>x</b>' });
});
