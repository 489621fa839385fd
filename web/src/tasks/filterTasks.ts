import type { Task } from '../api/types';

export type TaskFilter = 'all' | 'open' | 'done';

export interface Shown {
  open: Task[];
  done: Task[];
}

/** What the list shows for a filter and a search; the search reads titles and descriptions, ignoring case. */
export function filterTasks(tasks: Task[], filter: TaskFilter, search: string): Shown {
  const found = tasks.filter((task) => matches(task, search));
  return {
    open: filter === 'done' ? [] : found.filter((task) => !task.completed),
    done: filter === 'open' ? [] : found.filter((task) => task.completed),
  };
}

export function matches({ title, description }: Pick<Task, 'title' | 'description'>, search: string): boolean {
  const wanted = search.trim().toLocaleLowerCase();
  return wanted === '' || title.toLocaleLowerCase().includes(wanted) || (description ?? '').toLocaleLowerCase().includes(wanted);
}
