import { useCallback, useRef, type KeyboardEvent, type PointerEvent, type RefObject } from 'react';
import { sentence } from '../api/apiErrors';
import type { Task } from '../api/types';
import { announce } from '../page/announce';
import { toast } from '../page/toasts';
import { loadDeferredTasks } from './useDeferredComponents';
import type { TaskGroup } from './filterTasks';
import { taskBefore, type Target } from './manualOrder';
import { useTaskContext } from './taskContext';

interface TaskReorderingOptions {
  list: RefObject<HTMLDivElement | null>;
  groups: TaskGroup[];
  movable: boolean;
  /** Runs before a row moves, so that the focus finds it again. */
  remember(): void;
}

/** The ways in which a task is moved in the order by hand. */
export function useTaskReordering({ list, groups, movable, remember }: TaskReorderingOptions) {
  const { tasks: store } = useTaskContext();

  const moveTo = useCallback(
    (id: number, target: Target) => {
      const { tasks } = store.view.get();
      void store.change(id, { after_id: taskBefore(tasks, id, target) }).catch((error: unknown) => toast(sentence(error), { tone: 'problem' }));
    },
    [store],
  );

  /** One place up or down among those of its level, or to the top. */
  const step = (task: Task, by: -1 | 1 | 'top') => {
    const level = levelOf(groups, task);
    const at = level.indexOf(task);
    const to = by === 'top' ? 0 : at + by;
    const other = level[to];
    if (at === -1 || !other || other === task) return announce(`“${task.title}” is ${by === 1 ? 'the last' : 'the first'} already.`);
    remember();
    moveTo(task.id, { id: other.id, side: to < at ? 'before' : 'after' });
    announce(`“${task.title}”: place ${to + 1} of ${level.length}.`);
  };

  /** Alt with an arrow key moves the task that has the focus; whether it was such a key. */
  const onMoveKey = (event: KeyboardEvent<HTMLDivElement>): boolean => {
    const by = event.key === 'ArrowUp' ? -1 : event.key === 'ArrowDown' ? 1 : null;
    const id = (event.target as HTMLElement).closest<HTMLElement>('[data-movable]')?.dataset['task'];
    if (by === null || !event.altKey || !movable || !id) return false;
    event.preventDefault();
    const task = groups.flatMap(({ tasks }) => tasks).find((one) => one.id === Number(id));
    if (task) step(task, by);
    return true;
  };

  const remembering = useRef(remember);
  remembering.current = remember;
  const onGrip = useCallback(
    (event: PointerEvent<HTMLElement>) => {
      const row = event.currentTarget.closest<HTMLElement>('[data-task]');
      const box = list.current;
      if (event.button !== 0 || !row || !box) return;
      const { nativeEvent } = event;
      const onDrop = (target: Target) => (remembering.current(), moveTo(Number(row.dataset['task']), target));
      void loadDeferredTasks().then(({ dragRow }) => dragRow({ row, event: nativeEvent, list: box, scroller: box.parentElement!, onDrop }), () => {});
    },
    [list, moveTo],
  );

  return { step, onMoveKey, onGrip };
}

/** The open tasks among which a task has its place: those that stand alone, or those under the same one. */
function levelOf(groups: TaskGroup[], task: Task): Task[] {
  const group = groups.find(({ key, tasks }) => key !== 'done' && tasks.includes(task));
  if (!group) return [];
  const { tasks, indented } = group;
  return indented.has(task.id) ? tasks.filter((one) => indented.has(one.id) && one.parent_id === task.parent_id) : tasks.filter((one) => !indented.has(one.id));
}
