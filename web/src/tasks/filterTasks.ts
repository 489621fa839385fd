import type { Task } from '../api/types';
import type { ListSort } from '../page/listSort';
import type { ListView } from '../page/listView';
import { dayInWords, dayOf, isLate, localDue, timeOf } from './dueDates';
import { byHand } from './manualOrder';

/** Tasks under one heading. */
export interface TaskGroup {
  key: string;
  /** Without one there is no heading. */
  label: string | null;
  /** A subtask comes right after its task, where both are shown. */
  tasks: Task[];
  /** Those that stand under the task above them. */
  indented: ReadonlySet<number>;
}

/** What of the list is wanted besides a view and words. */
export interface ListChoice {
  sort?: ListSort;
  tag?: string | null;
}

interface Dated {
  task: Task;
  due: string | null;
}

const PRIORITIES = ['high', 'medium', 'low', 'none'];
const LATE = 'late';
const UNDATED = 'undated';
const NONE: ReadonlySet<number> = new Set();

/** What a view of the list shows at `now` on the person's clock, under headings; `search` reads titles, descriptions and tags. */
export function filterTasks(tasks: Task[], view: ListView, search: string, now: string, { sort = 'day', tag = null }: ListChoice = {}): TaskGroup[] {
  const found = tasks.filter((task) => matches(task, search) && (tag === null || hasTag(task, tag)));
  const done = found.filter((task) => task.completed);
  const doneGroup = { key: 'done', label: `Done · ${done.length}`, tasks: view === 'done' ? done.sort(newestDone) : done, indented: NONE };
  const doneGroups = done.length > 0 ? [doneGroup] : [];
  if (view === 'done') return doneGroups;

  const open: Dated[] = [];
  for (const task of found) {
    const due = localDue(task);
    if (!task.completed && isIn(view, dayKey(due, now), now)) open.push({ task, due });
  }
  const shown = nested(sort === 'day' ? byDays(open, now) : inOneGroup(open, sort), view === 'all');
  const dated = shown.some(({ key }) => key !== UNDATED);
  const labelled = shown.map((group) => ({ ...group, label: sort === 'day' && dated ? heading(group.key, now) : null }));
  return view === 'all' ? [...labelled, ...doneGroups] : labelled;
}

type Bare = Pick<TaskGroup, 'key' | 'tasks'>;

function byDays(open: Dated[], now: string): Bare[] {
  const groups = new Map<string, Dated[]>();
  for (const one of open) {
    const key = dayKey(one.due, now);
    const group = groups.get(key);
    if (group) group.push(one);
    else groups.set(key, [one]);
  }
  return [...groups].sort(([a], [b]) => place(a).localeCompare(place(b))).map(([key, part]) => ({ key, tasks: (key === UNDATED ? part : part.sort(byDue)).map(({ task }) => task) }));
}

function inOneGroup(open: Dated[], sort: ListSort): Bare[] {
  if (sort === 'priority') open.sort(byPriority);
  const tasks = open.map(({ task }) => task);
  if (sort === 'hand') tasks.sort(byHand);
  if (sort === 'newest') tasks.sort((a, b) => b.id - a.id);
  return tasks.length > 0 ? [{ key: UNDATED, tasks }] : [];
}

/** With every subtask right after its task: of the same group, or of `anywhere`. */
function nested(groups: Bare[], anywhere: boolean): Array<Omit<TaskGroup, 'label'>> {
  const where = new Map(groups.flatMap(({ key, tasks }) => tasks.map((task) => [task.id, { key, task }] as const)));
  const below = new Map<number, Task[]>();
  /** Whether it has a line of its own: its task is not shown here, or is somebody's subtask itself. */
  const stands = ({ id, parent_id: parent }: Task) => {
    const above = parent === null ? undefined : where.get(parent);
    return !above || above.task.parent_id !== null || !(anywhere || above.key === where.get(id)?.key);
  };
  for (const task of groups.flatMap(({ tasks }) => tasks)) {
    if (!stands(task)) below.set(task.parent_id!, [...(below.get(task.parent_id!) ?? []), task]);
  }
  if (below.size === 0) return groups.map((group) => ({ ...group, indented: NONE }));
  const indented = new Set<number>();
  const withBelow = (task: Task) => {
    const some = (below.get(task.id) ?? []).sort(byHand);
    for (const { id } of some) indented.add(id);
    return [task, ...some];
  };
  return groups.map(({ key, tasks }) => ({ key, tasks: tasks.filter(stands).flatMap(withBelow), indented })).filter(({ tasks }) => tasks.length > 0);
}

/** What is to be known of tasks that have subtasks: how many of those are open, and their titles. */
export interface Parents {
  open: ReadonlyMap<number, number>;
  titles: ReadonlyMap<number, string>;
}

export function parentsOf(tasks: Task[]): Parents {
  const open = new Map<number, number>();
  for (const { parent_id: parent, completed } of tasks) if (parent !== null) open.set(parent, (open.get(parent) ?? 0) + (completed ? 0 : 1));
  const titles = new Map<number, string>();
  for (const { id, title } of tasks) if (open.has(id)) titles.set(id, title);
  return { open, titles };
}

/** Every tag of the list once, in the order of the alphabet. */
export function tagsOf(tasks: Task[]): string[] {
  const tags = new Map<string, string>();
  for (const task of tasks) for (const tag of task.tags) if (!tags.has(tag.toLocaleLowerCase())) tags.set(tag.toLocaleLowerCase(), tag);
  return [...tags.values()].sort((a, b) => a.localeCompare(b));
}

function hasTag({ tags }: Task, tag: string): boolean {
  return tags.some((one) => one.toLocaleLowerCase() === tag.toLocaleLowerCase());
}

/** Whether this task, just added, would be among those shown. */
export function isShown(task: Task, view: ListView, search: string, now: string, tag: string | null = null): boolean {
  return filterTasks([task], view, search, now, { tag }).length > 0;
}

export function matches({ title, description, tags }: Pick<Task, 'title' | 'description' | 'tags'>, search: string): boolean {
  const wanted = search.trim().toLocaleLowerCase();
  return wanted === '' || [title, description ?? '', ...tags.map((tag) => `#${tag}`)].some((text) => text.toLocaleLowerCase().includes(wanted));
}

function isIn(view: ListView, key: string, now: string): boolean {
  if (view === 'today') return key === LATE || key === dayOf(now);
  return view === 'upcoming' ? key !== LATE && key !== UNDATED : true;
}

const dayKey = (due: string | null, now: string) => (due === null ? UNDATED : isLate(due, now) ? LATE : dayOf(due));
const place = (key: string) => (key === LATE ? '' : key === UNDATED ? 'z' : key);
const heading = (key: string, now: string) => (key === LATE ? 'Overdue' : key === UNDATED ? 'No date' : dayInWords(key, now));

/** Of a day first what has a time, in its order; then the most important, then the newest. */
function byDue(a: Dated, b: Dated): number {
  const when = ({ due }: Dated) => `${dayOf(due ?? '')}${timeOf(due ?? '') || 'z'}`;
  return when(a).localeCompare(when(b)) || importance(a) - importance(b) || b.task.id - a.task.id;
}

/** The most important first; of those what is due first, and then the newest. */
function byPriority(a: Dated, b: Dated): number {
  const when = ({ due }: Dated) => due ?? 'z';
  return importance(a) - importance(b) || when(a).localeCompare(when(b)) || b.task.id - a.task.id;
}

const importance = ({ task }: Dated) => PRIORITIES.indexOf(task.priority);

const newestDone = (a: Task, b: Task) => (b.completed_at ?? '').localeCompare(a.completed_at ?? '') || b.id - a.id;
