import { memo, type PointerEvent } from 'react';
import type { Task } from '../api/types';
import { IconButton } from '../ui/Button';
import { CheckIcon, GripIcon, TrashIcon } from '../ui/icons';
import { badgesOf, TaskBadges } from './TaskBadges';

interface TaskRowProps {
  task: Task;
  /** The assistant has just changed it. */
  highlighted: boolean;
  /** What is not on the server yet. */
  note: string | null;
  /** It stands under the task above it. */
  indented: boolean;
  /** The title of its task, where that is not above it. */
  partOf: string | null;
  /** How many of its subtasks are open. */
  openBelow: number;
  /** Given where the list stands in the order by hand. */
  onGrip: ((event: PointerEvent<HTMLElement>) => void) | null;
  /** The present minute on the person's clock. */
  now: string;
  onTick(task: Task): void;
  onEdit(task: Task): void;
  onRemove(task: Task): void;
}

/** One task: tick it, open it, delete it (by touch: in the editor). Its number is what one calls it in the chat. */
export const TaskRow = memo(function TaskRow({ task, highlighted, note, indented, partOf, openBelow, onGrip, now, onTick, onEdit, onRemove }: TaskRowProps) {
  const badges = [...(openBelow > 0 ? [{ text: `${openBelow} open`, spoken: `${openBelow} open ${openBelow === 1 ? 'subtask' : 'subtasks'}` }] : []), ...(partOf === null ? [] : [{ text: `↳ ${partOf}`, spoken: `part of ${partOf}` }]), ...badgesOf(task, now)];
  const more = [indented ? 'subtask' : null, ...badges.map(({ text, spoken }) => spoken ?? text), note].filter(Boolean).join(', ');
  return (
    <div
      role="listitem"
      data-task={task.id}
      data-parent={indented ? task.parent_id : ''}
      data-movable={onGrip && !task.completed ? '' : undefined}
      className={`group flex items-start rounded-xl transition-colors hover:bg-sunken/60 data-dragged:pointer-events-none data-dragged:relative data-dragged:z-20 data-dragged:bg-raised data-dragged:shadow-lg ${indented ? 'ml-7' : ''} ${highlighted ? 'animate-changed' : ''}`}
    >
      {onGrip && !task.completed && (
        <button
          type="button"
          data-control="grip"
          aria-label={`Move task ${task.id}: ${task.title}`}
          aria-keyshortcuts="Alt+ArrowUp Alt+ArrowDown"
          title="Drag, or Alt with ↑ and ↓"
          onPointerDown={onGrip}
          className="-mr-2 grid h-11 w-7 touch:w-11 shrink-0 cursor-grab touch-none place-items-center rounded-lg text-quiet hover:text-ink"
        >
          <GripIcon className="size-4" />
        </button>
      )}
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
      <button type="button" data-control="title" aria-label={`Edit task ${task.id}: ${task.title}${more && ` (${more})`}`} onClick={() => onEdit(task)} className="min-h-11 min-w-0 flex-1 rounded-lg py-2.5 text-start wrap-anywhere">
        <span dir="auto" className={`block ${task.completed ? 'text-quiet line-through decoration-quiet/60' : ''}`}>{task.title}</span>
        {task.description && <span dir="auto" className="mt-0.5 line-clamp-2 text-small text-quiet">{task.description}</span>}
        {badges.length > 0 && <TaskBadges badges={badges} />}
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
