import { createStore } from '../store';
import { memory } from '../storage';

/** In which order the list stands; `hand` is the one that its person makes. */
export type ListSort = 'day' | 'hand' | 'priority' | 'newest';

const KEY = 'todo-chat.sort';
const SORTS: readonly string[] = ['day', 'hand', 'priority', 'newest'] satisfies ListSort[];

export const listSort = createStore<ListSort>(stored());

export function sortBy(sort: ListSort): void {
  memory.write(KEY, sort);
  listSort.set(sort);
}

function stored(): ListSort {
  const value = memory.read(KEY);
  return value && SORTS.includes(value) ? (value as ListSort) : 'day';
}
