import { useState, type RefObject } from 'react';
import { sleep } from '../sleep';
import { PlusIcon } from '../ui/icons';
import type { Entry } from './quickEntry';
import { useTaskContext } from './taskContext';
import { loadDeferredTasks, useDeferredTasks } from './useDeferredComponents';

/** What a typed line says. */
export type NewTaskLine = Pick<Entry, 'title' | 'details'>;

interface AddTaskProps {
  field: RefObject<HTMLInputElement | null>;
  /** The line is being read. */
  onAdd(line: Promise<NewTaskLine>): void;
}

/** How long the part of the page that reads a line may take to be here; then the line is added as it is. */
const READER_MS = 2_000;

const NONE: ReadonlySet<string> = new Set();

/** Adds a task by hand, with what the line says of when and where; the field keeps the focus, so that several can be added in a row. */
export function AddTask({ field, onAdd }: AddTaskProps) {
  const { newTaskDraft } = useTaskContext();
  const [text, setText] = useState(() => newTaskDraft.read());
  const [dismissed, setDismissed] = useState(NONE);
  const deferred = useDeferredTasks(text !== '');
  const keep = (next: string) => {
    setText(next);
    newTaskDraft.keep(next);
    if (!next) setDismissed(NONE);
  };
  const add = () => {
    const line = text.trim();
    const plain: NewTaskLine = { title: line, details: {} };
    const read = async () => {
      const here = await Promise.race([loadDeferredTasks(), sleep(READER_MS)]);
      return here ? here.readLine(line, dismissed) : plain;
    };
    if (line) {
      const taken = newTaskDraft.submit(line);
      const reading = read().catch(() => plain);
      onAdd(reading);
      // The list comes first: it was told first.
      void reading.then(({ details }) => {
        taken();
        if (details.due?.includes('T')) deferred?.askToNotify();
      });
    }
    keep('');
    field.current?.focus();
  };
  return (
    <div>
      <form className="flex items-center rounded-xl border border-edge bg-surface focus-within:border-accent focus-within:outline-1 focus-within:outline-accent" onSubmit={(event) => (event.preventDefault(), add())}>
        <input
          ref={field}
          dir="auto"
          value={text}
          maxLength={255}
          aria-label="Add a task"
          aria-keyshortcuts="Alt+T"
          placeholder="Add a task"
          autoComplete="off"
          enterKeyHint="done"
          className="min-h-11 min-w-0 flex-1 bg-transparent pl-3.5 outline-none"
          onChange={(event) => keep(event.target.value)}
        />
        <button type="submit" aria-label="Add" title="Add" className="grid size-11 place-items-center rounded-xl text-accent hover:text-accent-strong">
          <PlusIcon />
        </button>
      </form>
      {deferred && text && (
        <deferred.QuickEntryChips
          text={text}
          dismissed={dismissed}
          onDismiss={(words) => {
            setDismissed(new Set([...dismissed, words]));
            field.current?.focus();
          }}
        />
      )}
    </div>
  );
}
