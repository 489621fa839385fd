import type { Task } from '../api/types';

/** Where a task is moved to: directly before or after another one of the same level. */
export interface Target {
  id: number;
  side: 'before' | 'after';
}

/** The order by hand: of two equal positions the newer task is nearer the top. */
export const byHand = (a: Pick<Task, 'id' | 'position'>, b: Pick<Task, 'id' | 'position'>) => a.position - b.position || b.id - a.id;

/** The task after which `id` comes when it goes to the target; nothing for the top of the list. */
export function taskBefore(tasks: Task[], id: number, { id: target, side }: Target): number | null {
  if (side === 'after') return target;
  const others = tasks.filter((task) => task.id !== id).sort(byHand);
  return others[others.findIndex((task) => task.id === target) - 1]?.id ?? null;
}

/** The tasks with `id` placed directly after another one, or at the top: a place between the two, until the server has said which. */
export function placedAfter(tasks: Task[], id: number, after: number | null): Task[] {
  const others = tasks.filter((task) => task.id !== id).sort(byHand);
  const at = after === null ? -1 : others.findIndex((task) => task.id === after);
  // The other one is gone: then the server will say.
  if (after !== null && at === -1) return tasks;
  const [previous, next] = [others[at]?.position, others[at + 1]?.position];
  const position = previous === undefined ? (next ?? 0) - 1 : next === undefined ? previous + 1 : (previous + next) / 2;
  return tasks.map((task) => (task.id === id ? { ...task, position } : task));
}

/** Whether the task at `id` stands directly after the other one, as far as one knows here. */
export function isDirectlyAfter(tasks: Task[], id: number, after: number | null): boolean {
  const sorted = [...tasks].sort(byHand);
  const at = sorted.findIndex((task) => task.id === id);
  return (sorted[at - 1]?.id ?? null) === after;
}
