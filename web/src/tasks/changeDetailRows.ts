import type { Change, Task } from '../api/types';
import { dueInWords, localDue } from './dueDates';

/** One line of what was done: a change where `before` is known. */
export interface DetailRow {
  name: string;
  before?: string;
  after: string;
}

export type Members = Record<string, unknown>;

/** What a recorded change changed, line by line, at `now` on the person's clock. */
export function rowsOfChange({ before, after }: Pick<Change, 'before' | 'after'>, now: string): DetailRow[] {
  if (before && after) return changes(inWords(before, now), inWords(after, now));
  const only = before ?? after;
  if (!only) return [];
  // The title stands above.
  const { title: _title, ...rest } = inWords(only, now);
  return rowsOf(rest);
}

/** A task, with its day and its repeat as one says them. */
function inWords(task: Task, now: string): Members {
  const due = localDue(task);
  return { ...task, due: due && dueInWords(due, now), repeat: task.repeat_in_words ?? task.repeat };
}

/** Members that are no content of a task. */
const NOT_SHOWN = new Set(['id', 'approval', 'created_at', 'updated_at', 'completed_at', 'due_time_zone', 'due_at', 'repeat_in_words', 'version', 'overdue', 'position', 'open_subtasks']);

/** What the members of tasks, and of the arguments of tools, are called; others are called as they are written. */
const NAMES: Record<string, string> = { title: 'Title', description: 'Description', completed: 'State', status: 'Only', search: 'Search', limit: 'At most', task_id: 'Task', parent: 'Part of task', parent_id: 'Part of task' };

/** What is another between the two. */
export function changes(before: Members, after: Members): DetailRow[] {
  const keys = Object.keys({ ...after, ...before }).filter((key) => !NOT_SHOWN.has(key) && valueInWords(key, before[key]) !== valueInWords(key, after[key]));
  return keys.map((key) => ({ name: memberName(key), before: valueInWords(key, before[key]), after: valueInWords(key, after[key]) }));
}

/** What has a value; a task that is not done goes without saying. */
export function rowsOf(of: Members): DetailRow[] {
  const keys = Object.keys(of).filter((key) => !NOT_SHOWN.has(key) && valueInWords(key, of[key]) !== NOTHING && of[key] !== false);
  return keys.map((key) => ({ name: memberName(key), after: valueInWords(key, of[key]) }));
}

const NOTHING = 'none';

export function valueInWords(key: string, value: unknown): string {
  if (value === null || value === undefined || value === '' || (Array.isArray(value) && value.length === 0)) return NOTHING;
  if (key === 'priority' && value === 'none') return NOTHING;
  if (key === 'completed') return value ? 'done' : 'to do';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (Array.isArray(value)) return value.map((one) => valueInWords('', one)).join(', ');
  if (typeof value === 'object') return Object.entries(value).map(([inner, one]) => `${memberName(inner)}: ${valueInWords(inner, one)}`).join(', ');
  return String(value);
}

export function memberName(key: string): string {
  const plain = key.replaceAll('_', ' ');
  return NAMES[key] ?? plain.charAt(0).toUpperCase() + plain.slice(1);
}

export const members = (value: unknown): Members => (typeof value === 'object' && value !== null ? (value as Members) : {});
