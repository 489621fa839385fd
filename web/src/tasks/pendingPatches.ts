import { SignedOut, Unreachable } from '../api/problem';
import type { Task, TaskPatch } from '../api/types';

/** A change of a task that the server has not confirmed. */
export interface PendingPatch {
  id: number;
  patch: TaskPatch;
  /** The version that was looked at, where the change is only for that one. */
  version: number | null;
  /** Nobody answered; it goes out with the next change of this task, or with `flush`. */
  waiting: boolean;
}

export const merged = (pendingPatches: PendingPatch[]): TaskPatch => Object.assign({}, ...pendingPatches.map((wish) => wish.patch)) as TaskPatch;

/** Whether one time of a repeating task is done or passed over, which must not happen twice. */
export const advancesRepeat = (patch: TaskPatch, task: Task | undefined) => Boolean(task?.repeat && (patch.skip || patch.completed));

/** Whether it may be sent again later, by itself: nobody said no. */
export const isRetryable = (error: unknown) => error instanceof Unreachable || error instanceof SignedOut;
