import { useCallback, useLayoutEffect, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import { sentence } from '../api/problem';
import type { Task, TaskPatch } from '../api/types';
import { toast } from '../page/toasts';
import { useWorkspace } from '../workspace';
import { useStore } from '../store';
import { useLater } from '../useLater';
import type { Shown } from './filterTasks';
import { TaskRow } from './TaskRow';

interface TaskRowsProps {
  shown: Shown;
  onRemove(task: Task): void;
  /** The row that had the focus is gone and no other is left. */
  onLostFocus(): void;
}

/** The rows, open ones first. Arrow keys move through them; the focus never falls off the page when a row moves or goes. */
export function TaskRows({ shown, onRemove, onLostFocus }: TaskRowsProps) {
  const { tasks: store, taskDrafts, lit } = useWorkspace();
  const [editing, setEditing] = useState<number | null>(null);
  const later = useLater(editing !== null);
  const bright = useStore(lit);
  const drafts = useStore(taskDrafts.view);
  const unsent = useStore(store.view, (view) => view.unsent);
  const list = useRef<HTMLDivElement>(null);
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

  const remember = () => {
    const row = document.activeElement?.closest<HTMLElement>('[data-task]');
    const name = (document.activeElement as HTMLElement | null)?.dataset['control'];
    if (!row) return;
    const rows = [...(list.current?.querySelectorAll('[data-task]') ?? [])];
    focused.current = { id: row.dataset['task']!, index: rows.indexOf(row), control: name === 'remove' ? 'tick' : (name ?? 'tick') };
  };

  const change = useCallback(
    (id: number, patch: TaskPatch) => store.change(id, patch).catch((error: unknown) => toast(sentence(error), { tone: 'problem' })),
    [store],
  );
  const actions = useRef({ onRemove });
  actions.current = { onRemove };
  const tick = useCallback((task: Task) => (remember(), void change(task.id, { completed: !task.completed })), [change]);
  const remove = useCallback((task: Task) => (remember(), actions.current.onRemove(task)), []);
  const edit = useCallback((task: Task) => setEditing(task.id), []);

  const stopEditing = (id: number) => {
    setEditing(null);
    requestAnimationFrame(() => control(list.current?.querySelector<HTMLElement>(`[data-task="${id}"]`) ?? null, 'title')?.focus());
  };

  const save = (id: number, patch: TaskPatch) => {
    const draft = taskDrafts.of(id);
    taskDrafts.keep(id, {});
    store.change(id, patch).catch((error: unknown) => {
      taskDrafts.keep(id, { ...draft, ...taskDrafts.of(id) });
      toast(sentence(error), { tone: 'problem' });
    });
    stopEditing(id);
  };

  const row = (task: Task) =>
    task.id === editing && later ? (
      <later.TaskEditor
        key={task.id}
        task={task}
        draft={drafts.get(task.id) ?? NOTHING_TYPED}
        onDraft={(draft) => taskDrafts.keep(task.id, draft)}
        onClose={() => (taskDrafts.keep(task.id, {}), stopEditing(task.id))}
        onSave={(patch) => save(task.id, patch)}
        onRemove={() => (remove(task), setEditing(null))}
      />
    ) : (
      <TaskRow key={task.id} task={task} lit={bright.has(task.id)} note={drafts.has(task.id) ? 'Changes not saved' : unsent.has(task.id) ? 'Kept on this device, not sent yet' : null} onTick={tick} onEdit={edit} onRemove={remove} />
    );

  if (shown.open.length + shown.done.length === 0) return null;
  return (
    <div role="list" ref={list} aria-label="Tasks" onKeyDown={moveByArrows}>
      <Blocks tasks={shown.open} row={row} />
      {shown.done.length > 0 && (
        <div role="listitem" className="px-3 pt-5 pb-1.5 text-small font-medium text-quiet">
          Done · {shown.done.length}
        </div>
      )}
      <Blocks tasks={shown.done} row={row} />
    </div>
  );
}

const NOTHING_TYPED = {};

const BLOCK = 20;
const ROW_PX = 44;

/**
 * Rows in blocks; a block that is off the screen is not laid out. Blocks are cut by task number, so that a new
 * task moves nobody else's row into another block.
 */
function Blocks({ tasks, row }: { tasks: Task[]; row(task: Task): ReactNode }) {
  const blocks = new Map<number, Task[]>();
  for (const task of tasks) {
    const number = Math.floor(task.id / BLOCK);
    blocks.set(number, [...(blocks.get(number) ?? []), task]);
  }
  return [...blocks].map(([number, part]) => (
    <div key={number} role="none" className="[content-visibility:auto]" style={{ containIntrinsicSize: `auto ${part.length * ROW_PX}px` }}>
      {part.map(row)}
    </div>
  ));
}

function moveByArrows(event: KeyboardEvent<HTMLDivElement>): void {
  if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
  const target = event.target as HTMLElement;
  const name = target.dataset['control'];
  const rows = [...event.currentTarget.querySelectorAll<HTMLElement>('[data-task]')];
  const at = rows.findIndex((one) => one.contains(target));
  const next = rows[at + (event.key === 'ArrowDown' ? 1 : -1)];
  if (!name || !next) return;
  event.preventDefault();
  control(next, name)?.focus();
}

function control(row: HTMLElement | null, name: string): HTMLElement | null {
  return row?.querySelector<HTMLElement>(`[data-control="${name}"]`) ?? null;
}
