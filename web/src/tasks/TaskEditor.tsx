import { useEffect, useRef, useState, type ChangeEvent, type FormEvent, type KeyboardEvent } from 'react';
import type { Task, TaskPatch } from '../api/types';
import { overlay } from '../page/overlay';
import { Button, IconButton } from '../ui/Button';
import { INPUT } from '../ui/Field';
import { TrashIcon } from '../ui/icons';
import { isComposing } from '../ui/isComposing';
import { dayOf, timeOf } from './dueDates';
import { changedMeanwhile, fieldText, patchOf, withTyped, type TaskDraft, type TaskField } from './taskDraft';
import { askToNotify } from './watchDue';
import { TaskDetailFields } from './TaskDetailFields';

interface TaskEditorProps {
  task: Task;
  draft: TaskDraft;
  /** The task that was on the screen when a change of it was refused, because it had been changed by somebody else. */
  refused: Task | null;
  now: string;
  weekStart: string | undefined;
  onDraft(draft: TaskDraft): void;
  onSave(patch: TaskPatch): void;
  onClose(): void;
  onSkip(): void;
  onRemove(): void;
  onAddSubtask(title: string): void;
  /** Moves it in the order by hand, where the list stands in it. */
  onStep: ((by: -1 | 1 | 'top') => void) | null;
}

/** Changes or deletes a task in its place in the list. What is typed is kept until it is saved or cancelled. */
export function TaskEditor({ task, draft, refused, now, weekStart, onDraft, onSave, onClose, onSkip, onRemove, onAddSubtask, onStep }: TaskEditorProps) {
  const title = useRef<HTMLInputElement>(null);
  const form = useRef<HTMLFormElement>(null);
  const [opened] = useState(task);
  const subtask = fieldText(task, draft, 'subtask');
  // What was typed over is not seen changing: it is told.
  const meanwhile = refused ? changedMeanwhile(refused, task) : changedMeanwhile(opened, task, Object.keys(draft) as TaskField[]);
  const typing = (field: TaskField) => (event: ChangeEvent<HTMLInputElement | HTMLTextAreaElement>) => onDraft(withTyped(task, draft, field, event.target.value));

  useEffect(() => {
    // An editor that comes back because the search was changed leaves the focus in the search.
    if (document.activeElement?.closest('input, textarea')) return;
    title.current?.focus();
    // The focus alone brings only the title into view, where the row was at the end of what is seen.
    form.current?.scrollIntoView({ block: 'nearest' });
  }, []);

  const addSubtask = () => {
    const text = subtask.trim();
    if (text) onAddSubtask(text);
    if (subtask) onDraft(withTyped(task, draft, 'subtask', ''));
  };
  const save = (besides: TaskPatch = {}) => {
    if (fieldText(task, draft, 'title').trim() === '') return title.current?.focus();
    // What was typed and not added is meant all the same.
    addSubtask();
    const patch = { ...patchOf(task, draft, dayOf(now)), ...besides };
    if (Object.keys(patch).length === 0) onClose();
    else onSave(patch);
    if (patch.due && timeOf(patch.due)) askToNotify();
  };
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    save();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    // These keys mean something in the list around it; shortcuts work from here too.
    if (/^(Arrow|Escape|Enter)/.test(event.key)) event.stopPropagation();
    if (event.key === 'Escape' && !isComposing(event)) onClose();
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) save();
  };

  return (
    <div role="listitem" data-task={task.id} className="my-1 rounded-2xl border border-line bg-surface p-3 shadow-xs">
      <form ref={form} aria-label={`Edit task ${task.id}`} className="space-y-2" onSubmit={onSubmit} onKeyDown={onKeyDown}>
        {meanwhile.length > 0 && (
          <div role="alert" className="rounded-xl bg-amber-soft px-3.5 py-2.5 text-small">
            <p className="font-medium">Changed meanwhile; what you typed is kept.</p>
            {meanwhile.map((line) => (
              <p key={line} dir="auto" className="wrap-anywhere">
                {line}
              </p>
            ))}
          </div>
        )}
        <input ref={title} dir="auto" value={fieldText(task, draft, 'title')} maxLength={255} required aria-label="Title" className={INPUT} onChange={typing('title')} />
        <textarea
          dir="auto"
          value={fieldText(task, draft, 'description')}
          maxLength={2000}
          rows={2}
          aria-label="Description"
          placeholder="Description"
          className={`${INPUT} resize-y py-2.5`}
          onChange={typing('description')}
        />
        <TaskDetailFields task={task} draft={draft} now={now} weekStart={weekStart} onDraft={onDraft} onSkip={() => (addSubtask(), onSkip())} />
        {task.parent_id === null ? (
          <div className="flex gap-2">
            <input
              dir="auto"
              value={subtask}
              maxLength={255}
              aria-label="Add a subtask"
              placeholder="Add a subtask"
              enterKeyHint="done"
              autoComplete="off"
              className={INPUT}
              onChange={typing('subtask')}
              onKeyDown={(event) => {
                if (event.key !== 'Enter' || event.ctrlKey || event.metaKey || isComposing(event)) return;
                event.preventDefault();
                addSubtask();
              }}
            />
            <Button disabled={!subtask.trim()} onClick={addSubtask}>
              Add
            </Button>
          </div>
        ) : (
          <Button kind="quiet" className="px-3! text-small!" onClick={() => save({ parent_id: null })}>
            Make it a task of its own
          </Button>
        )}
        {onStep && (
          <div role="group" aria-label="Move it" className="flex flex-wrap gap-1.5">
            <Button className="px-3! text-small!" onClick={() => onStep('top')}>
              To the top
            </Button>
            <Button className="px-3! text-small!" onClick={() => onStep(-1)}>
              Up
            </Button>
            <Button className="px-3! text-small!" onClick={() => onStep(1)}>
              Down
            </Button>
          </div>
        )}
        <div className="flex gap-2 pt-1">
          <IconButton label={`Delete task ${task.id}: ${task.title}`} onClick={onRemove}>
            <TrashIcon className="size-4.5" />
          </IconButton>
          <Button kind="quiet" onClick={() => overlay.set({ kind: 'activity', task: { id: task.id, title: task.title } })}>
            History
          </Button>
          <span className="flex-1" />
          <Button kind="quiet" onClick={onClose}>
            Cancel
          </Button>
          <Button kind="primary" type="submit">
            Save
          </Button>
        </div>
      </form>
    </div>
  );
}
