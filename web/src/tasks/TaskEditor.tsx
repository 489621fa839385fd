import { useEffect, useRef, type ChangeEvent, type FormEvent, type KeyboardEvent } from 'react';
import type { Task, TaskPatch } from '../api/types';
import { Button, IconButton } from '../ui/Button';
import { INPUT } from '../ui/Field';
import { TrashIcon } from '../ui/icons';
import { fieldText, patchOf, withTyped, type TaskDraft, type TaskField } from './taskDraft';

interface TaskEditorProps {
  task: Task;
  draft: TaskDraft;
  onDraft(draft: TaskDraft): void;
  onSave(patch: TaskPatch): void;
  onClose(): void;
  onRemove(): void;
}

/** Renames, describes or deletes a task in its place in the list. What is typed is kept until it is saved or cancelled. */
export function TaskEditor({ task, draft, onDraft, onSave, onClose, onRemove }: TaskEditorProps) {
  const title = useRef<HTMLInputElement>(null);
  const typing = (field: TaskField) => (event: ChangeEvent<HTMLInputElement | HTMLTextAreaElement>) => onDraft(withTyped(task, draft, field, event.target.value));

  useEffect(() => {
    // An editor that comes back because the search was changed leaves the focus in the search.
    if (!document.activeElement?.closest('input, textarea')) title.current?.focus();
  }, []);


  const save = (event?: FormEvent) => {
    event?.preventDefault();
    if (fieldText(task, draft, 'title').trim() === '') return;
    const patch = patchOf(task, draft);
    if (Object.keys(patch).length === 0) onClose();
    else onSave(patch);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    event.stopPropagation();
    if (event.key === 'Escape') onClose();
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) save();
  };

  return (
    <div role="listitem" data-task={task.id} className="my-1 rounded-2xl border border-line bg-surface p-3 shadow-xs">
      <form aria-label={`Edit task ${task.id}`} className="space-y-2" onSubmit={save} onKeyDown={onKeyDown}>
        <input ref={title} dir="auto" value={fieldText(task, draft, 'title')} maxLength={255} required aria-label="Title" className={INPUT} onChange={typing('title')} />
        <textarea
          dir="auto"
          value={fieldText(task, draft, 'description')}
          maxLength={2000}
          rows={3}
          aria-label="Description"
          placeholder="Description"
          className={`${INPUT} resize-y py-2.5`}
          onChange={typing('description')}
        />
        <div className="flex gap-2">
          <IconButton label={`Delete task ${task.id}: ${task.title}`} onClick={onRemove}>
            <TrashIcon className="size-4.5" />
          </IconButton>
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
