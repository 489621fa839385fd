import { useCallback, useLayoutEffect, useRef, useState, type KeyboardEvent, type RefObject } from 'react';
import { sentence } from '../api/apiErrors';
import { TaskChanged } from '../api/taskApi';
import type { Task, TaskPatch } from '../api/types';
import { toast } from '../page/toasts';
import { useSession } from '../session/sessionContext';
import { useStore } from '../store';
import { dueInWords, localDue } from './dueDates';
import type { Parents, TaskGroup } from './filterTasks';
import { heldInPlace, listParts } from './virtualRowBlocks';
import { renderBlockNow } from './useIsNearViewport';
import { VIRTUAL_ABOVE, VirtualRows } from './VirtualRows';
import { TaskRow } from './TaskRow';
import { useTaskContext } from './taskContext';
import { useDeferredTasks } from './useDeferredComponents';
import { useTaskReordering } from './useTaskReordering';

interface TaskRowsProps {
  groups: TaskGroup[];
  parents: Parents;
  /** Whether the list stands in the order that its person makes. */
  movable: boolean;
  /** A moment on the person's clock. */
  now: string;
  onRemove(task: Task): void;
  /** The row that had the focus is gone and no other is left. */
  onLostFocus(): void;
}

/** The rows, open ones first. Arrow keys move through them; the focus never falls off the page when a row moves or goes. */
export function TaskRows({ groups, parents, movable, now, onRemove, onLostFocus }: TaskRowsProps) {
  const { user } = useSession();
  const { tasks: store, taskDrafts, highlighted } = useTaskContext();
  const [editing, setEditing] = useState<number | null>(null);
  const editingNow = useRef(editing);
  editingNow.current = editing;
  const [refused, setRefused] = useState<Task | null>(null);
  const deferred = useDeferredTasks(editing !== null);
  const highlights = useStore(highlighted);
  const drafts = useStore(taskDrafts.view);
  const unsent = useStore(store.view, (view) => view.unsent);
  const list = useRef<HTMLDivElement>(null);
  const clock = useRef(now);
  clock.current = now;
  const remember = useFocusKept(list, onLostFocus);

  const change = useCallback(
    (task: Task, patch: TaskPatch) => {
      // One time of a repeating task is done or passed over once, whoever else does it.
      const once = task.repeat && (patch.skip || patch.completed);
      const announceNext = () => {
        const after = once && store.view.get().tasks.find(({ id }) => id === task.id);
        const next = after && localDue(after);
        if (next && next !== localDue(task)) toast(`${patch.skip ? 'Skipped' : 'Done'}. Next: ${dueInWords(next, clock.current)}.`);
      };
      return store.change(task.id, patch, once ? task.version : null).then(announceNext, (error: unknown) => toast(sentence(error), { tone: 'problem' }));
    },
    [store],
  );
  const actions = useRef({ onRemove });
  actions.current = { onRemove };
  const tick = useCallback((task: Task) => (remember(), void change(task, { completed: !task.completed })), [change]);
  const remove = useCallback((task: Task) => (remember(), actions.current.onRemove(task)), []);
  const edit = useCallback((task: Task) => (setRefused(null), setEditing(task.id)), []);

  const { step, onGrip, onMoveKey } = useTaskReordering({ list, groups, movable, remember });

  const stopEditing = (id: number) => {
    setEditing(null);
    requestAnimationFrame(() => control(list.current?.querySelector<HTMLElement>(`[data-task="${id}"]`) ?? null, 'title')?.focus());
  };

  const save = (task: Task, patch: TaskPatch) => {
    const { id } = task;
    const draft = taskDrafts.of(id);
    taskDrafts.keep(id, {});
    store.change(id, patch, task.version).catch((error: unknown) => {
      taskDrafts.keep(id, { ...draft, ...taskDrafts.of(id) });
      if (!(error instanceof TaskChanged)) return toast(sentence(error), { tone: 'problem' });
      // Somebody who types into another task by now is not interrupted: what was typed here is kept.
      if (editingNow.current !== null && editingNow.current !== id) return toast(sentence(error), { tone: 'problem' });
      setRefused(task);
      setEditing(id);
    });
    stopEditing(id);
  };

  const open = deferred ? editing : null;
  const parts = listParts(useHeldInPlace(groups, list, open), open);

  const editor = (key: string, task: Task) => deferred && (
    <deferred.TaskEditor
      key={key}
      task={task}
      draft={drafts.get(task.id) ?? NOTHING_TYPED}
      onDraft={(draft) => taskDrafts.keep(task.id, draft)}
      onClose={() => (taskDrafts.keep(task.id, {}), stopEditing(task.id))}
      refused={refused?.id === task.id ? refused : null}
      now={now}
      weekStart={user.week_start}
      onSave={(patch) => (setRefused(null), save(task, patch))}
      onSkip={() => (void change(task, { skip: true }), stopEditing(task.id))}
      onRemove={() => (remove(task), setEditing(null))}
      onAddSubtask={(title) => void store.add(title, { parent_id: task.id })}
      onStep={movable && !task.completed ? (by) => step(task, by) : null}
    />
  );
  const row = (task: Task, indented: boolean) => (
    <TaskRow key={task.id} task={task} indented={indented} partOf={(!indented && task.parent_id !== null && parents.titles.get(task.parent_id)) || null} openBelow={parents.open.get(task.id) ?? 0} onGrip={movable ? onGrip : null} highlighted={highlights.has(task.id)} note={drafts.has(task.id) ? 'Changes not saved' : unsent.has(task.id) ? 'Kept on this device, not sent yet' : null} now={now} onTick={tick} onEdit={edit} onRemove={remove} />
  );

  if (parts.length === 0) return null;
  const many = groups.reduce((count, { tasks }) => count + tasks.length, 0) > VIRTUAL_ABOVE;
  return (
    <div role="list" ref={list} aria-label="Tasks" onKeyDown={(event) => onMoveKey(event) || moveByArrows(event)} className="relative">
      {parts.map((part) => {
        if (part.kind === 'editor') return editor(part.key, part.task);
        if (part.kind === 'rows') return <VirtualRows key={part.key} tasks={part.tasks} many={many} drawnAtOnce={part.drawnAtOnce} row={(task) => row(task, part.indented.has(task.id))} />;
        return (
          <div key={part.key} role="listitem" className="px-3 pt-4 pb-1 text-small font-medium text-quiet first:pt-1">
            {part.label}
          </div>
        );
      })}
    </div>
  );
}

const NOTHING_TYPED = {};

/** Gives the focus back to a row that moved, or to the one in its place; `remember` says before that which one has it. */
function useFocusKept(list: RefObject<HTMLDivElement | null>, onLostFocus: () => void): () => void {
  const focused = useRef<{ id: string; index: number; control: string } | null>(null);

  useLayoutEffect(() => {
    const was = focused.current;
    if (!was || (document.activeElement && document.activeElement !== document.body)) return;
    focused.current = null;
    const rows = [...(list.current?.querySelectorAll<HTMLElement>('[data-task]') ?? [])];
    const row = rows.find((one) => one.dataset['task'] === was.id) ?? rows[Math.min(was.index, rows.length - 1)];
    if (row) control(row, was.control)?.focus();
    else onLostFocus();
  });

  return () => {
    const row = document.activeElement?.closest<HTMLElement>('[data-task]');
    const name = (document.activeElement as HTMLElement | null)?.dataset['control'];
    if (!row) return;
    const rows = [...(list.current?.querySelectorAll('[data-task]') ?? [])];
    focused.current = { id: row.dataset['task']!, index: rows.indexOf(row), control: name === 'remove' ? 'tick' : (name ?? 'tick') };
  };
}

/** The groups with the task whose editor is typed into where it was. Whoever searches, or chooses another view, does not type there. */
function useHeldInPlace(groups: TaskGroup[], list: RefObject<HTMLDivElement | null>, open: number | null): TaskGroup[] {
  const { tasks } = useTaskContext();
  const before = useRef(groups);
  const typed = isTypedInto(list.current, open) && tasks.view.get().tasks.find(({ id }) => id === open);
  const held = typed ? heldInPlace(groups, before.current, typed) : groups;
  if (held === groups) before.current = groups;
  return held;
}

/** Whether the focus is in the editor of this task. */
function isTypedInto(list: HTMLElement | null, id: number | null): boolean {
  return id !== null && Boolean(list?.querySelector(`[data-task="${id}"] form`)?.contains(document.activeElement));
}

function moveByArrows(event: KeyboardEvent<HTMLDivElement>): void {
  if ((event.key !== 'ArrowDown' && event.key !== 'ArrowUp') || event.altKey) return;
  const target = event.target as HTMLElement;
  const name = target.dataset['control'];
  const list = event.currentTarget;
  const next = () => {
    const places = [...list.querySelectorAll<HTMLElement>('[data-task], [data-block="empty"]')];
    return places[places.findIndex((one) => one.contains(target)) + (event.key === 'ArrowDown' ? 1 : -1)];
  };
  const block = next();
  if (!name || !block) return;
  // What is next may be too far away to be drawn.
  renderBlockNow(block);
  event.preventDefault();
  control(next() ?? null, name)?.focus();
}

function control(row: HTMLElement | null, name: string): HTMLElement | null {
  return row?.querySelector<HTMLElement>(`[data-control="${name}"]`) ?? null;
}
