import { memo } from 'react';
import type { Task } from '../api/types';
import { IconButton } from '../ui/Button';
import { CheckIcon, TrashIcon } from '../ui/icons';

interface TaskRowProps {
  task: Task;
  /** The assistant has just changed it. */
  lit: boolean;
  /** What is not on the server yet. */
  note: string | null;
  onTick(task: Task): void;
  onEdit(task: Task): void;
  onRemove(task: Task): void;
}

/** One task: tick it, open it, delete it (by touch: in the editor). Its number is what one calls it in the chat. */
export const TaskRow = memo(function TaskRow({ task, lit, note, onTick, onEdit, onRemove }: TaskRowProps) {
  return (
    <div role="listitem" data-task={task.id} className={`group flex items-start rounded-xl transition-colors hover:bg-sunken/60 ${lit ? 'animate-changed' : ''}`}>
      <label className="grid size-11 shrink-0 place-items-center">
        <input
          type="checkbox"
          data-control="tick"
          aria-label={task.title}
          checked={task.completed}
          onChange={() => onTick(task)}
          className="peer col-start-1 row-start-1 size-5.5 appearance-none rounded-full border-[1.5px] border-edge transition-colors checked:border-accent checked:bg-accent hover:border-accent"
        />
        <CheckIcon className="pointer-events-none col-start-1 row-start-1 size-3.5 text-transparent peer-checked:text-on-accent" />
      </label>
      <button type="button" data-control="title" aria-label={`Edit task ${task.id}: ${task.title}${note ? ` (${note})` : ''}`} onClick={() => onEdit(task)} className="min-h-11 min-w-0 flex-1 rounded-lg py-2.5 text-start wrap-anywhere">
        <span dir="auto" className={`block ${task.completed ? 'text-quiet line-through decoration-quiet/60' : ''}`}>{task.title}</span>
        {task.description && <span dir="auto" className="mt-0.5 line-clamp-2 text-small text-quiet">{task.description}</span>}
        {note && <span className="mt-0.5 block text-small text-accent">{note}</span>}
      </button>
      <span className="relative grid size-11 shrink-0 place-items-center">
        <span className="text-small text-quiet tabular-nums touch:opacity-100 group-hover:opacity-0 group-has-[[data-control=remove]:focus-visible]:opacity-0" aria-hidden="true">
          {task.id}
        </span>
        <IconButton
          label={`Delete task ${task.id}: ${task.title}`}
          data-control="remove"
          onClick={() => onRemove(task)}
          className="absolute inset-0.5 size-10 opacity-0 group-hover:opacity-100 focus-visible:opacity-100 touch:hidden"
        >
          <TrashIcon className="size-4.5" />
        </IconButton>
      </span>
    </div>
  );
});
