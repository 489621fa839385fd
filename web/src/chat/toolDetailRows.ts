import { toolKind } from '../api/toolKind';
import type { Task } from '../api/types';
import { changes, memberName, members, rowsOf, valueInWords, type DetailRow, type Members } from '../tasks/changeDetailRows';
import { dueInWords, localDue, onClock } from '../tasks/dueDates';
import { toolName, type ToolPart } from './message';

export interface ToolDetails {
  rows: DetailRow[];
  /** The tasks that were found, for a look at the list. */
  tasks: Task[];
}

/**
 * Says line by line what a tool call changed, found or was asked for. `before` is the task as it was, where this page
 * saw it; without it only what is new can be said.
 */
export function toolDetailRows(part: ToolPart, before: Task | undefined): ToolDetails {
  const input = members(part.input);
  const output = members(part.output);
  const task = inWords(members(output['task'])) as Members & Partial<Task>;
  const kind = toolKind(toolName(part));
  if (part.state !== 'output-available' || output['success'] === false) return { rows: rowsOf(input), tasks: [] };
  const many = output['results'] as Array<{ success?: boolean; task?: Task }> | undefined;
  if (many) return { rows: rowsOf(input), tasks: many.flatMap(({ success, task: one }) => (success && one ? [one] : [])) };
  if (kind === 'list') return { rows: rowsOf(input), tasks: (output['tasks'] as Task[] | undefined) ?? [] };
  if (kind === 'recall') return { rows: [...rowsOf(input), ...changeRows(output['changes'] as Recalled[] | undefined)], tasks: [] };
  if (kind === 'add' || kind === 'delete') return { rows: rowsOf(task), tasks: [] };
  if (kind === undefined) return { rows: [...rowsOf(input), ...rowsOf(task)], tasks: [] };
  if (before) return { rows: changes(inToolFormat(before, members(output['task'])), task), tasks: [] };
  const asked = kind === 'complete' ? ['completed'] : Object.keys(input).filter((key) => key in task);
  return { rows: asked.map((key) => ({ name: memberName(key), after: valueInWords(key, task[key]) })), tasks: [] };
}

/** A change, as the tool tells it. */
interface Recalled {
  at: string;
  kind: string;
  title: string;
  details?: string;
}

function changeRows(changes: Recalled[] = []): ToolDetails['rows'] {
  return changes.map(({ at, kind, title, details }) => ({ name: at, after: `${title}: ${kind}${details ? `, ${details}` : ''}` }));
}

/** A task of a tool, whose day is said in words. */
function inWords({ when, parent, ...task }: Members): Members {
  return { ...task, ...(when !== undefined && { due: when }), ...(parent !== undefined && { parent_id: parent }) };
}

/** The task before, in the words in which the tool tells it after. */
function inToolFormat(before: Task, told: Members): Members {
  const due = localDue(before);
  // The same day in the same words is no change.
  const same = before.due !== null && told['when'] !== undefined && told['due'] === before.due;
  return { ...before, repeat: before.repeat_in_words, due: same ? told['when'] : due && dueInWords(due, onClock(new Date())) };
}
