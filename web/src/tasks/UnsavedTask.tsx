import { Button } from '../ui/Button';
import { badgesOf, TaskBadges } from './TaskBadges';
import type { NewTask } from './pendingAdditions';
import { taskFromPartial, type ToolTask } from './taskFromPartial';

interface UnsavedTaskProps {
  task: NewTask;
  /** A moment on the person's clock. */
  now: string;
  onAgain(): void;
  onDiscard(): void;
}

/** A task the server has not confirmed: on its way, or in trouble and still here. */
export function UnsavedTask({ task, now, onAgain, onDiscard }: UnsavedTaskProps) {
  return (
    <li className="flex min-h-11 flex-wrap items-center justify-end rounded-xl pr-2">
      <span className="grid size-11 shrink-0 place-items-center" aria-hidden="true">
        <span className="size-5.5 rounded-full border-[1.5px] border-dashed border-edge" />
      </span>
      <span className="min-w-32 flex-1 py-2 wrap-anywhere">
        <span dir="auto" className="block">
          {task.title}
        </span>
        <TaskBadges badges={badgesOf(taskFromPartial({ ...task.details, repeat_in_words: task.details.repeat ?? null } as ToolTask), now)} />
        <span className={`block text-small ${task.waiting ? 'text-accent' : task.problem ? 'text-danger' : 'text-quiet'}`}>{state(task)}</span>
      </span>
      {(task.problem || task.waiting) && (
        <>
          <Button kind="quiet" onClick={onDiscard}>
            Discard
          </Button>
          {!task.waiting && <Button onClick={onAgain}>Try again</Button>}
        </>
      )}
    </li>
  );
}

function state(task: NewTask): string {
  if (task.waiting) return 'Kept on this device, not sent yet';
  return task.problem ? `Not saved. ${task.problem}` : 'Saving…';
}
