import { ownTimeZone } from '../api/timeZone';
import type { Task, TaskPatch } from '../api/types';

/** A task in the result of a tool: what says nothing is left out, and the repeat is in words. */
export type ToolTask = Pick<Task, 'id' | 'title' | 'completed'> & Partial<Task> & { parent?: number | null };

const NO_DETAILS = { due: null, due_time_zone: null, due_at: null, priority: 'none', tags: [], repeat: null, repeat_in_words: null, completed_at: null, parent_id: null, open_subtasks: 0, version: null } as const;

/** How far tasks that nobody has placed lie apart: the newest is at the top. */
const STEP = 2 ** 20;

/** A task that was kept by an older version of the page, with everything that tasks have by now. */
export function taskFromPartial({ id, title, ...more }: ToolTask): Task {
  return { id, title, description: null, created_at: '', updated_at: '', ...NO_DETAILS, tags: [], position: -id * STEP, ...more };
}

/** The task that a tool speaks of; what the tool does not say is taken from what is `known`, until the list is read again. */
export function taskOfTool(told: ToolTask, known: Task | undefined): Task {
  if (known && known.updated_at === told.updated_at) return known;
  // Of one task among several a tool tells neither its times nor its description.
  const { description = known?.description ?? null, created_at = known?.created_at ?? '', updated_at = '' } = told;
  const { id, title, completed, due = null, priority = 'none', tags = [], repeat = null, completed_at = null } = told;
  const same = known && known.due === due;
  const when = { due, due_time_zone: same ? known.due_time_zone : due && (ownTimeZone() ?? null), due_at: same ? known.due_at : null };
  const { position = known?.position ?? -id * STEP, parent_id = told.parent ?? null, open_subtasks = known?.open_subtasks ?? 0 } = told;
  return { id, title, description, completed, created_at, updated_at, ...when, priority, tags, repeat, repeat_in_words: repeat, completed_at, position, parent_id, open_subtasks, version: null };
}

/** The task as it will look after the change, as far as the page can tell. */
export function patched(task: Task, { skip: _skip, after_id: _after, ...patch }: TaskPatch): Task {
  const after = { ...task, ...patch };
  // Done once, a repeating task comes back: only the server knows when.
  if (task.repeat && patch.completed) after.completed = false;
  if (patch.due !== undefined) Object.assign(after, { due_time_zone: ownTimeZone() ?? null, due_at: null });
  if (patch.repeat !== undefined) after.repeat_in_words = patch.repeat;
  return after;
}
