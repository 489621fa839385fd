import { useEffect, useMemo, useRef, useState, type RefObject } from 'react';
import { sentence } from '../api/apiErrors';
import type { Task } from '../api/types';
import { listSort, sortBy } from '../page/listSort';
import { listView, showView } from '../page/listView';
import { toast } from '../page/toasts';
import { useStore } from '../store';
import { Button } from '../ui/Button';
import { AddTask, type NewTaskLine } from './AddTask';
import { EmptyList } from './EmptyList';
import { filterTasks, isShown, parentsOf, tagsOf } from './filterTasks';
import { undoDeletion } from './pendingDeletions';
import { backToEditor } from './taskDraft';
import { TaskFilters } from './TaskFilters';
import { TaskRows } from './TaskRows';
import { UnsavedTask } from './UnsavedTask';
import { useTaskContext } from './taskContext';
import { taskFromPartial } from './taskFromPartial';

interface TaskPanelProps {
  addField: RefObject<HTMLInputElement | null>;
  searchField: RefObject<HTMLInputElement | null>;
  onExample(text: string): void;
}

/** The list beside the chat: what the assistant changes shows here at once, and everything can be done by hand. */
export function TaskPanel({ addField, searchField, onExample }: TaskPanelProps) {
  const { tasks: store, clock } = useTaskContext();
  const remove = useRemoval();
  useRefusals();
  const { phase, tasks, adding, problem } = useStore(store.view);
  const view = useStore(listView);
  const now = useStore(clock.now);
  const sort = useStore(listSort);
  const [search, setSearch] = useState('');
  const [tag, setTag] = useState<string | null>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  const groups = useMemo(() => filterTasks(tasks, view, search, now, { sort, tag }), [tasks, view, search, now, sort, tag]);
  const parents = useMemo(() => parentsOf(tasks), [tasks]);
  const tags = useMemo(() => tagsOf(tasks), [tasks]);
  const left = tasks.reduce((count, task) => count + (task.completed ? 0 : 1), 0);
  const nothingFound = phase === 'ready' && groups.length + adding.length === 0;

  const showAdded = ({ title, details }: NewTaskLine) => {
    // Whoever adds a task wants to see it.
    const added = { ...NEW_TASK, title, ...details };
    if (!isShown(added, view, '', now)) showView('all');
    if (!isShown(added, 'all', search, now)) setSearch('');
    if (!isShown(added, 'all', '', now, tag)) setTag(null);
  };
  const add = (line: Promise<NewTaskLine>) => {
    void line.then(showAdded);
    void store.addWhenRead(line);
  };

  return (
    <section aria-labelledby="list-title" className="flex min-h-0 min-w-0 flex-1 flex-col">
      <header className="space-y-3 px-4 pt-4 pb-3 sm:px-5">
        <div className="flex items-baseline justify-between gap-3">
          <h2 id="list-title" ref={heading} tabIndex={-1} className="text-head font-semibold tracking-tight outline-none">
            Your list
          </h2>
          {phase === 'ready' && tasks.length > 0 && <p className="text-small text-quiet">{left === 0 ? 'All done' : `${left} to do`}</p>}
        </div>
        <AddTask field={addField} onAdd={add} />
        {tasks.length > 0 && <TaskFilters field={searchField} view={view} search={search} sort={sort} tags={tags} tag={tag} onView={showView} onSearch={setSearch} onSort={sortBy} onTag={setTag} />}
      </header>
      {problem && (
        <div role="alert" className="mx-4 mb-2 flex items-center gap-3 rounded-xl bg-danger-soft px-3.5 py-2 sm:mx-5">
          <p className="flex-1">{problem}</p>
          <Button onClick={() => void store.load()}>Try again</Button>
        </div>
      )}
      <div data-scroller className="min-h-0 flex-1 overflow-y-auto overscroll-contain px-1.5 pb-[calc(1.5rem+var(--toasts,0px))] sm:px-2.5">
        {phase === 'loading' && <Skeleton />}
        {adding.length > 0 && (
          <ul aria-label="Being added">
            {adding.map((task) => (
              <UnsavedTask key={task.key} task={task} now={now} onAgain={() => void store.addAgain(task.key)} onDiscard={() => store.discard(task.key)} />
            ))}
          </ul>
        )}
        {nothingFound && (
          <EmptyList hasTasks={tasks.length > 0} view={view} search={search} tag={tag} onExample={onExample} onShowAll={() => (showView('all'), setSearch(''), setTag(null))} />
        )}
        <TaskRows groups={groups} parents={parents} movable={view === 'all' && sort === 'hand' && !search.trim() && tag === null} now={now} onRemove={remove} onLostFocus={() => heading.current?.focus()} />
      </div>
    </section>
  );
}

/** Takes a task off the list; it can be undone as long as the message about it is there. */
function useRemoval(): (task: Task) => void {
  const context = useTaskContext();
  const { tasks: store } = context;
  return (task) => {
    store.remove(task.id);
    toast(`Deleted “${shorten(task.title)}”.`, {
      action: { label: 'Undo', run: () => void undoDeletion(task.id, context).catch((error: unknown) => complain(sentence(error))) },
      onGone: () => void store.commitRemoval(task.id).catch((error: unknown) => complain(sentence(error))),
    });
  };
}

/** Says what was refused after it had waited, and gives back what was typed. */
function useRefusals(): void {
  const { tasks: store, taskDrafts } = useTaskContext();
  useEffect(() => {
    store.onRefused = (error, refused) => complain(backToEditor(taskDrafts, store.view.get().tasks, error, refused));
  }, [store, taskDrafts]);
}

/** The shape of a list while it is on its way, so that nothing jumps when it is there. */
function Skeleton() {
  return (
    <div role="status" aria-label="Loading your list" className="space-y-1 px-3 pt-1">
      {[72, 48, 60].map((width) => (
        <div key={width} className="flex h-11 items-center gap-3.5">
          <span className="size-5.5 rounded-full border border-line" />
          <span className="h-3 animate-pulse rounded-full bg-sunken" style={{ width: `${width}%` }} />
        </div>
      ))}
    </div>
  );
}

const NEW_TASK = taskFromPartial({ id: 0, title: '', description: null, completed: false, created_at: '', updated_at: '' });

const complain = (text: string) => toast(text, { tone: 'problem' });

const shorten = (title: string) => (title.length > 40 ? `${title.slice(0, 39)}…` : title);
