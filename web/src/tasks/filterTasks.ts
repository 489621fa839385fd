import type { Task } from '../api/types';

export type TaskFilter = 'all' | 'open' | 'done';

export interface Shown {
  open: Task[];
  done: Task[];
}

/** What the list shows for a filter and a search; the search reads titles and descriptions, ignoring case. */
export function filterTasks(tasks: Task[], filter: TaskFilter, search: string): Shown {
  const wanted = search.trim().toLocaleLowerCase();
  const matches = (task: Task) =>
    wanted === '' ||
    task.title.toLocaleLowerCase().includes(wanted) ||
    (task.description ?? '').toLocaleLowerCase().includes(wanted);
  const found = tasks.filter(matches);
  return {
    open: filter === 'done' ? [] : found.filter((task) => !task.completed),
    done: filter === 'open' ? [] : found.filter((task) => task.completed),
  };
}
