import type { Task } from '../api/types';
import type { ListView } from '../page/listView';
import { dayInWords, dayOf, isLate, localDue, timeOf } from './dueText';

/** Tasks under one heading. */
export interface TaskGroup {
  key: string;
  /** Without one there is no heading. */
  label: string | null;
  tasks: Task[];
}

interface Dated {
  task: Task;
  due: string | null;
}

const PRIORITIES = ['high', 'medium', 'low', 'none'];
const LATE = 'late';
const UNDATED = 'undated';

/** What a view of the list shows at `now` on the person's clock, under headings; `search` reads titles, descriptions and tags. */
export function filterTasks(tasks: Task[], view: ListView, search: string, now: string): TaskGroup[] {
  const found = tasks.filter((task) => matches(task, search));
  const done = found.filter((task) => task.completed);
  const doneGroup = { key: 'done', label: `Done · ${done.length}`, tasks: view === 'done' ? done.sort(newestDone) : done };
  const doneGroups = done.length > 0 ? [doneGroup] : [];
  if (view === 'done') return doneGroups;

  const open: Dated[] = found.filter((task) => !task.completed).map((task) => ({ task, due: localDue(task) }));
  const groups = new Map<string, Dated[]>();
  for (const one of open) {
    const key = one.due === null ? UNDATED : isLate(one.due, now) ? LATE : dayOf(one.due);
    if (isIn(view, key, now)) groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  const dated = [...groups.keys()].some((key) => key !== UNDATED);
  const shown = [...groups].sort(([a], [b]) => place(a).localeCompare(place(b))).map(([key, part]) => ({
    key,
    label: dated ? heading(key, now) : null,
    tasks: (key === UNDATED ? part : part.sort(byDue)).map(({ task }) => task),
  }));
  return view === 'all' ? [...shown, ...doneGroups] : shown;
}

/** Whether this task, just added, would be among those shown. */
export function isShown(task: Task, view: ListView, search: string, now: string): boolean {
  return filterTasks([task], view, search, now).length > 0;
}

export function matches({ title, description, tags }: Pick<Task, 'title' | 'description' | 'tags'>, search: string): boolean {
  const wanted = search.trim().toLocaleLowerCase();
  return wanted === '' || [title, description ?? '', ...tags.map((tag) => `#${tag}`)].some((text) => text.toLocaleLowerCase().includes(wanted));
}

function isIn(view: ListView, key: string, now: string): boolean {
  if (view === 'today') return key === LATE || key === dayOf(now);
  return view === 'upcoming' ? key !== LATE && key !== UNDATED : true;
}

const place = (key: string) => (key === LATE ? '' : key === UNDATED ? 'z' : key);
const heading = (key: string, now: string) => (key === LATE ? 'Overdue' : key === UNDATED ? 'No date' : dayInWords(key, now));

/** Of a day first what has a time, in its order; then the most important, then the newest. */
function byDue(a: Dated, b: Dated): number {
  const when = ({ due }: Dated) => `${dayOf(due ?? '')}${timeOf(due ?? '') || 'z'}`;
  return when(a).localeCompare(when(b)) || PRIORITIES.indexOf(a.task.priority) - PRIORITIES.indexOf(b.task.priority) || b.task.id - a.task.id;
}

const newestDone = (a: Task, b: Task) => (b.completed_at ?? '').localeCompare(a.completed_at ?? '') || b.id - a.id;
