import { SignedOut, Unreachable } from '../api/problem';
import type { Task, TaskPatch } from '../api/types';

/** A change of a task that the server has not confirmed. */
export interface Wish {
  id: number;
  patch: TaskPatch;
  /** The version that was looked at, where the change is only for that one. */
  version: number | null;
  /** Nobody answered; it goes out with the next change of this task, or with `flush`. */
  waiting: boolean;
}

export const merged = (wishes: Wish[]): TaskPatch => Object.assign({}, ...wishes.map((wish) => wish.patch)) as TaskPatch;

/** Whether one time of a repeating task is done or passed over, which must not happen twice. */
export const movesOn = (patch: TaskPatch, task: Task | undefined) => Boolean(task?.repeat && (patch.skip || patch.completed));

/** Whether it may be sent again later, by itself: nobody said no. */
export const reachedNobody = (error: unknown) => error instanceof Unreachable || error instanceof SignedOut;
