import type { Task, TaskPatch } from '../api/types';

/** The members of a task that its editor changes. */
export type TaskField = 'title' | 'description';

/** What was typed into the editor of a task, of the fields that the person changed. */
export type TaskDraft = Partial<Record<TaskField, string>>;

/** What a field of the editor shows: what was typed, else the task as it is now. */
export function fieldText(task: Task, draft: TaskDraft, field: TaskField): string {
  return draft[field] ?? task[field] ?? '';
}

/** The draft after `text` was typed; a field that is back to what the task says is not changed any more. */
export function withTyped(task: Task, draft: TaskDraft, field: TaskField, text: string): TaskDraft {
  const { [field]: _before, ...others } = draft;
  return text === (task[field] ?? '') ? others : { ...others, [field]: text };
}

/** The change to send: only what the person changed, so that it leaves alone what somebody else changed meanwhile. */
export function patchOf(task: Task, draft: TaskDraft): TaskPatch {
  const patch: TaskPatch = {};
  const title = draft.title?.trim();
  const description = draft.description?.trim();
  if (title !== undefined && title !== task.title) patch.title = title;
  if (description !== undefined && description !== (task.description ?? '')) patch.description = description || null;
  return patch;
}
