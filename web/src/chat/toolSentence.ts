import { toolKind } from '../api/tool';
import type { Task } from '../api/types';
import { toolName, type ToolPart } from './message';

/** A sentence about a tool call; titles are kept apart so that they can be set in their own type. */
export type Piece = string | { title: string };

export interface ToolReport {
  state: 'running' | 'done' | 'refused';
  sentence: Piece[];
}

interface ToolInput {
  title?: string;
  description?: string | null;
  task_id?: number;
  completed?: boolean;
  status?: string;
  search?: string;
}

interface ToolOutput {
  success?: boolean;
  error?: string;
  task?: Task;
  tasks?: Task[];
  total?: number;
}

/** Says in one sentence what a tool call does, did, or could not do. */
export function reportTool(part: ToolPart): ToolReport {
  const tool = toolName(part);
  const input = (part.input ?? {}) as ToolInput;
  if (part.state === 'output-error') return { state: 'refused', sentence: [`${failed(tool)}: ${part.errorText ?? 'something went wrong'}`] };
  if (part.state !== 'output-available') return { state: 'running', sentence: [...doing(tool, input), '…'] };
  const output = (part.output ?? {}) as ToolOutput;
  if (output.success === false) return { state: 'refused', sentence: [`${failed(tool)}: ${output.error ?? 'the request was refused'}`] };
  return { state: 'done', sentence: did(tool, input, output) };
}

export function plainSentence(sentence: Piece[]): string {
  return sentence.map((piece) => (typeof piece === 'string' ? piece : piece.title)).join('');
}

function doing(tool: string, input: ToolInput): Piece[] {
  const task = input.task_id === undefined ? 'a task' : `task ${input.task_id}`;
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
    default:
      return [`Using ${words(tool)}`];
  }
}

function did(tool: string, input: ToolInput, output: ToolOutput): Piece[] {
  if (toolKind(tool) === 'list') return looked(input, output);
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

function looked(input: ToolInput, output: ToolOutput): Piece[] {
  const count = output.total ?? output.tasks?.length ?? 0;
  const kind = input.status === 'pending' ? 'open ' : input.status === 'completed' ? 'finished ' : '';
  const found = `${count} ${kind}${count === 1 ? 'task' : 'tasks'}`;
  return input.search ? ['Looked for ', { title: input.search }, `: ${found}`] : [`Looked at your list: ${found}`];
}

function failed(tool: string): string {
  const sentences = {
    add: 'Could not add the task',
    list: 'Could not look at the list',
    update: 'Could not change the task',
    complete: 'Could not tick off the task',
    delete: 'Could not delete the task',
  };
  const kind = toolKind(tool);
  return kind ? sentences[kind] : `Could not use ${words(tool)}`;
}

const words = (tool: string) => tool.replaceAll('_', ' ') || 'a tool';
