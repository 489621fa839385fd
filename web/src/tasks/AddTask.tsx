import { useState, type RefObject } from 'react';
import { useWorkspace } from '../workspace';
import { PlusIcon } from '../ui/icons';

interface AddTaskProps {
  field: RefObject<HTMLInputElement | null>;
  onAdd(title: string): void;
}

/** Where its draft is kept, beside those of the conversations. */
const PLACE = 'add-task';

/** Adds a task by hand; the field keeps the focus, so that several can be added in a row. */
export function AddTask({ field, onAdd }: AddTaskProps) {
  const { drafts } = useWorkspace();
  const [title, setTitle] = useState(() => drafts.draft(PLACE));
  const keep = (text: string) => {
    setTitle(text);
    drafts.keepDraft(PLACE, text);
  };
  return (
    <form
      className="flex items-center rounded-xl border border-edge bg-surface focus-within:border-accent focus-within:outline-1 focus-within:outline-accent"
      onSubmit={(event) => {
        event.preventDefault();
        const wanted = title.trim();
        if (!wanted) return;
        onAdd(wanted);
        keep('');
        field.current?.focus();
      }}
    >
      <input
        ref={field}
        dir="auto"
        value={title}
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
  );
}
