import { toolKind } from '../api/toolKind';
import type { Task } from '../api/types';
import { toolName, type ToolPart } from './message';

/** A sentence about a tool call; titles are kept apart so that they can be set in their own type. */
export type SummaryPart = string | { title: string };

export interface ToolCallSummary {
  /** `asked`: it waits, or waited, for the person's yes. */
  state: 'running' | 'done' | 'refused' | 'asked';
  sentence: SummaryPart[];
}

interface ToolInput {
  title?: string;
  description?: string | null;
  task_id?: number | string | Array<number | string>;
  completed?: boolean;
  status?: string;
  search?: string;
}

interface ToolOutput {
  success?: boolean;
  error?: string;
  task?: Task;
  /** What became of each, where several were named. */
  results?: ToolOutput[];
  /** The call is made only when the person says yes. */
  approval?: unknown;
  tasks?: Task[];
  /** What was done, newest first. */
  changes?: unknown[];
  total?: number;
}

/** Says in one sentence what a tool call does, did, or could not do. */
export function summarizeToolCall(part: ToolPart): ToolCallSummary {
  const tool = toolName(part);
  const input = (part.input ?? {}) as ToolInput;
  if (part.state === 'output-error') return { state: 'refused', sentence: [`${failed(tool)}: ${part.errorText ?? 'something went wrong'}`] };
  if (part.state !== 'output-available') return { state: 'running', sentence: [...doing(tool, input), '…'] };
  const output = (part.output ?? {}) as ToolOutput;
  if (output.approval && !output.success) return { state: 'asked', sentence: ['Asked first: ', ...doing(tool, input)] };
  if (output.success === false) return { state: 'refused', sentence: [`${failed(tool)}: ${output.error ?? output.results?.[0]?.error ?? 'the request was refused'}`] };
  return { state: 'done', sentence: did(tool, input, output) };
}

export function plainSentence(sentence: SummaryPart[]): string {
  return sentence.map((piece) => (typeof piece === 'string' ? piece : piece.title)).join('');
}

function doing(tool: string, input: ToolInput): SummaryPart[] {
  const task = tasksNamed(input.task_id);
  switch (toolKind(tool)) {
    case 'add':
      return input.title ? ['Adding ', { title: input.title }] : ['Adding a task'];
    case 'list':
      return ['Looking at your list'];
    case 'update':
      return [`Changing ${task}`];
    case 'complete':
      return [input.completed === false ? `Putting ${task} back` : `Ticking off ${task}`];
    case 'delete':
      return [`Deleting ${task}`];
    case 'recall':
      return ['Looking at what was done'];
    case 'undo':
      return ['Undoing what was done last'];
    default:
      return [`Using ${words(tool)}`];
  }
}

function did(tool: string, input: ToolInput, output: ToolOutput): SummaryPart[] {
  if (toolKind(tool) === 'list') return looked(input, output);
  if (toolKind(tool) === 'recall') return [`Looked at what was done: ${amount(output.changes?.length ?? 0, 'change')}`];
  if (output.results) return didMany(tool, output.results);
  const { task } = output;
  if (!task) return [`Used ${words(tool)}`];
  const title = { title: task.title };
  switch (toolKind(tool)) {
    case 'add':
      return ['Added ', title, ` as task ${task.id}`];
    case 'update':
      if (input.title !== undefined) return [`Renamed task ${task.id} to `, title];
      return [input.description ? 'Described ' : 'Changed ', title, ` (task ${task.id})`];
    case 'complete':
      return task.completed ? ['Ticked off ', title, ` (task ${task.id})`] : ['Put ', title, ` (task ${task.id}) back on the list`];
    case 'delete':
      return ['Deleted ', title, ` (task ${task.id})`];
    default:
      return [`Used ${words(tool)} on `, title];
  }
}

const MANY_NAMED = 3;

function didMany(tool: string, results: ToolOutput[]): SummaryPart[] {
  const tasks = results.flatMap(({ success, task }) => (success && task ? [task] : []));
  const back = toolKind(tool) === 'complete' && tasks[0]?.completed === false;
  const verb = { add: 'Added', update: 'Changed', complete: 'Ticked off', delete: 'Deleted', list: 'Found', recall: 'Found', undo: 'Undid what was done to' }[toolKind(tool) ?? 'update'];
  const named = tasks.slice(0, MANY_NAMED).flatMap(({ title }, index): SummaryPart[] => (index === 0 ? [{ title }] : [', ', { title }]));
  const more = tasks.length > MANY_NAMED ? [` and ${tasks.length - MANY_NAMED} more`] : [];
  const failures = results.length - tasks.length;
  return [back ? 'Put ' : `${verb} `, ...named, ...more, ...(back ? [' back on the list'] : []), ...(failures > 0 ? [` (${failures} could not be found or changed)`] : [])];
}

/** What is asked before so many tasks are changed, where the server has not said it in words. */
export function approvalQuestion(tool: string, count: number, title?: string): string {
  if (toolKind(tool) === 'add' && title) return `Add “${title}”?`;
  const verbs = { add: 'Add', update: 'Change', complete: 'Tick off', delete: 'Delete', list: 'Look at', recall: 'Look at', undo: 'Undo what was done to' };
  const kind = toolKind(tool);
  return `${kind ? verbs[kind] : `Use ${words(tool)} on`} ${count === 1 ? 'this task' : `these ${count} tasks`}?`;
}

function tasksNamed(task: ToolInput['task_id']): string {
  if (task === undefined) return 'a task';
  if (!Array.isArray(task) || task.length === 1) return `task ${String(task)}`;
  return task.length > MANY_NAMED ? `${task.length} tasks` : `tasks ${task.slice(0, -1).join(', ')} and ${task.at(-1)}`;
}

function looked(input: ToolInput, output: ToolOutput): SummaryPart[] {
  const count = output.total ?? output.tasks?.length ?? 0;
  const kind = input.status === 'pending' ? 'open ' : input.status === 'completed' ? 'finished ' : '';
  const found = amount(count, `${kind}task`);
  return input.search ? ['Looked for ', { title: input.search }, `: ${found}`] : [`Looked at your list: ${found}`];
}

const amount = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`;

function failed(tool: string): string {
  const sentences = {
    add: 'Could not add the task',
    list: 'Could not look at the list',
    recall: 'Could not look at what was done',
    update: 'Could not change the task',
    complete: 'Could not tick off the task',
    delete: 'Could not delete the task',
    undo: 'Could not undo',
  };
  const kind = toolKind(tool);
  return kind ? sentences[kind] : `Could not use ${words(tool)}`;
}

const words = (tool: string) => tool.replaceAll('_', ' ') || 'a tool';
