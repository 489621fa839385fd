import { toolKind } from '../api/tool';
import type { Task } from '../api/types';
import { toolName, type ToolPart } from './message';

/** One line of what a tool call did: a change where `before` is known. */
export interface DetailRow {
  name: string;
  before?: string;
  after: string;
}

export interface ToolDetails {
  rows: DetailRow[];
  /** The tasks that were found, for a look at the list. */
  tasks: Task[];
}

type Members = Record<string, unknown>;

/** Members that are no content of a task. */
const NOT_SHOWN = new Set(['id', 'approval', 'created_at', 'updated_at', 'completed_at', 'due_time_zone', 'due_at', 'repeat_in_words', 'version', 'overdue']);

/** What the members of tasks, and of the arguments of tools, are called; others are called as they are written. */
const NAMES: Record<string, string> = { title: 'Title', description: 'Description', completed: 'State', status: 'Only', search: 'Search', limit: 'At most', task_id: 'Task' };

/**
 * Says line by line what a tool call changed, found or was asked for. `before` is the task as it was, where this page
 * saw it; without it only what is new can be said.
 */
export function toolDetails(part: ToolPart, before: Task | undefined): ToolDetails {
  const input = members(part.input);
  const output = members(part.output);
  const task = inWords(members(output['task'])) as Members & Partial<Task>;
  const kind = toolKind(toolName(part));
  if (part.state !== 'output-available' || output['success'] === false) return { rows: rowsOf(input), tasks: [] };
  const many = output['results'] as Array<{ success?: boolean; task?: Task }> | undefined;
  if (many) return { rows: rowsOf(input), tasks: many.flatMap(({ success, task: one }) => (success && one ? [one] : [])) };
  if (kind === 'list') return { rows: rowsOf(input), tasks: (output['tasks'] as Task[] | undefined) ?? [] };
  if (kind === 'add' || kind === 'delete') return { rows: rowsOf(task), tasks: [] };
  if (kind === undefined) return { rows: [...rowsOf(input), ...rowsOf(task)], tasks: [] };
  if (before) return { rows: changes({ ...before, repeat: before.repeat_in_words }, task), tasks: [] };
  const asked = kind === 'complete' ? ['completed'] : Object.keys(input).filter((key) => key in task);
  return { rows: asked.map((key) => ({ name: name(key), after: words(key, task[key]) })), tasks: [] };
}

/** A task of a tool, whose day is said in words. */
function inWords({ when, ...task }: Members): Members {
  return when === undefined ? task : { ...task, due: when };
}

function changes(before: Members, after: Members): DetailRow[] {
  const keys = Object.keys({ ...after, ...before }).filter((key) => !NOT_SHOWN.has(key) && words(key, before[key]) !== words(key, after[key]));
  return keys.map((key) => ({ name: name(key), before: words(key, before[key]), after: words(key, after[key]) }));
}

/** What has a value; a task that is not done goes without saying. */
function rowsOf(of: Members): DetailRow[] {
  const keys = Object.keys(of).filter((key) => !NOT_SHOWN.has(key) && words(key, of[key]) !== NOTHING && of[key] !== false);
  return keys.map((key) => ({ name: name(key), after: words(key, of[key]) }));
}

const NOTHING = 'none';

function words(key: string, value: unknown): string {
  if (value === null || value === undefined || value === '' || (Array.isArray(value) && value.length === 0)) return NOTHING;
  if (key === 'priority' && value === 'none') return NOTHING;
  if (key === 'completed') return value ? 'done' : 'to do';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (Array.isArray(value)) return value.map((one) => words('', one)).join(', ');
  if (typeof value === 'object') return Object.entries(value).map(([inner, one]) => `${name(inner)}: ${words(inner, one)}`).join(', ');
  return String(value);
}

function name(key: string): string {
  const plain = key.replaceAll('_', ' ');
  return NAMES[key] ?? plain.charAt(0).toUpperCase() + plain.slice(1);
}

const members = (value: unknown): Members => (typeof value === 'object' && value !== null ? (value as Members) : {});
