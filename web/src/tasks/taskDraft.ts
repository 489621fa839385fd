import { sentence } from '../api/apiErrors';
import type { Priority, Task, TaskPatch } from '../api/types';
import { dayOf, localDue, timeOf } from './dueDates';
import type { RefusedChange } from './pendingPatches';

/** What is typed in the editor of a task, each as text: members of the task, and the title of a subtask to add. */
export type TaskField = 'title' | 'description' | 'date' | 'time' | 'priority' | 'repeat' | 'tags' | 'subtask';

/** What was typed into the editor of a task, of the fields that the person changed. */
export type TaskDraft = Partial<Record<TaskField, string>>;

/** What a task says in a field. */
export function textOf(task: Task, field: TaskField): string {
  const due = localDue(task) ?? '';
  switch (field) {
    case 'date':
      return dayOf(due);
    case 'time':
      return timeOf(due);
    case 'repeat':
      return task.repeat_in_words ?? '';
    case 'tags':
      return task.tags.join(', ');
    case 'subtask':
      // What was added is a task by itself.
      return '';
    default:
      return task[field] ?? '';
  }
}

/** What a field of the editor shows: what was typed, else the task as it is now. */
export function fieldText(task: Task, draft: TaskDraft, field: TaskField): string {
  return draft[field] ?? textOf(task, field);
}

/** The draft after `text` was typed; a field that is back to what the task says is not changed any more. */
export function withTyped(task: Task, draft: TaskDraft, field: TaskField, text: string): TaskDraft {
  const { [field]: _before, ...others } = draft;
  return text === textOf(task, field) ? others : { ...others, [field]: text };
}

/** The draft after several fields were set at once. */
export function withAll(task: Task, draft: TaskDraft, texts: TaskDraft): TaskDraft {
  return (Object.entries(texts) as Array<[TaskField, string]>).reduce((all, [field, text]) => withTyped(task, all, field, text), draft);
}

/**
 * The change to send: only what the person changed, so that it leaves alone what somebody else changed meanwhile.
 * A time without a day is one of `today`.
 */
export function patchOf(task: Task, draft: TaskDraft, today = ''): TaskPatch {
  const patch: TaskPatch = {};
  const title = draft.title?.trim();
  const description = draft.description?.trim();
  if (title !== undefined && title !== task.title) patch.title = title;
  if (description !== undefined && description !== (task.description ?? '')) patch.description = description || null;
  if (draft.date !== undefined || draft.time !== undefined) patch.due = dueOf(task, draft, today);
  if (draft.priority !== undefined) patch.priority = draft.priority as Priority;
  if (draft.repeat !== undefined) patch.repeat = draft.repeat || null;
  if (draft.tags !== undefined) patch.tags = draft.tags.split(/[,\n]/).map((tag) => tag.trim().replace(/^#/, '')).filter(Boolean);
  return patch;
}

function dueOf(task: Task, draft: TaskDraft, today: string): string | null {
  const time = fieldText(task, draft, 'time');
  // Whoever takes the day away does not mean today.
  const date = fieldText(task, draft, 'date') || (draft.time && draft.date === undefined ? today : '');
  return date ? date + (time && `T${time}`) : null;
}

/** What a change of a task says in the fields of the editor. */
function draftOf({ title, description, due, priority, repeat, tags }: TaskPatch): TaskDraft {
  return {
    ...(title !== undefined && { title }),
    ...(description !== undefined && { description: description ?? '' }),
    ...(due !== undefined && { date: dayOf(due ?? ''), time: timeOf(due ?? '') }),
    ...(priority !== undefined && { priority }),
    ...(repeat !== undefined && { repeat: repeat ?? '' }),
    ...(tags !== undefined && { tags: tags.join(', ') }),
  };
}

interface Drafts {
  of(id: number): TaskDraft;
  keep(id: number, draft: TaskDraft): void;
}

/** Puts what was typed and refused back into the editor of its task, below what was typed there since. Returns what to say. */
export function backToEditor(drafts: Drafts, tasks: Task[], error: unknown, refused?: RefusedChange): string {
  const task = refused && tasks.find(({ id }) => id === refused.id);
  const typed = refused ? draftOf(refused.patch) : {};
  const draft = task ? withAll(task, {}, typed) : typed;
  if (!refused || Object.keys(draft).length === 0) return sentence(error);
  drafts.keep(refused.id, { ...draft, ...drafts.of(refused.id) });
  return task ? `${sentence(error)} What you typed is kept in the editor of “${task.title}”.` : sentence(error);
}

const NAMES: Record<TaskField, string> = { title: 'Title', description: 'Description', date: 'Date', time: 'Time', priority: 'Priority', repeat: 'Repeat', tags: 'Tags', subtask: 'Subtask' };

/** What became of a task meanwhile, field by field, in words: of the fields that were typed into, or of all. */
export function changedMeanwhile(before: Task, now: Task, fields: TaskField[] = Object.keys(NAMES) as TaskField[]): string[] {
  const changed = fields.filter((field) => textOf(before, field) !== textOf(now, field)).map((field) => `${NAMES[field]}: ${textOf(now, field) || 'none'}`);
  return before.completed === now.completed ? changed : [...changed, now.completed ? 'It is done' : 'It is not done any more'];
}
