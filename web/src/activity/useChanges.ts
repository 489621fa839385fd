import { useEffect, useRef, useState } from 'react';
import type { ChangeFilter } from '../api/changeApi';
import { sentence } from '../api/apiErrors';
import type { Change } from '../api/types';
import { useStore } from '../store';
import { useTaskContext } from '../tasks/taskContext';

interface ChangesView {
  phase: 'loading' | 'ready' | 'failed';
  changes: Change[];
  /** The change before which there are more. */
  next: number | null;
  problem: string | null;
}

const NOTHING: ChangesView = { phase: 'loading', changes: [], next: null, problem: null };

/** The changes that fit the filter, page by page; what is undone meanwhile comes in at the top. */
export function useChanges({ task = null, day = null }: ChangeFilter) {
  const { changes: api, undo } = useTaskContext();
  const done = useStore(undo.done);
  const [view, setView] = useState(NOTHING);
  const asked = useRef(0);
  const filter = `${task}/${day}`;
  const shown = useRef('');

  useEffect(() => {
    const number = ++asked.current;
    const again = shown.current === filter;
    shown.current = filter;
    if (!again) setView(NOTHING);
    api.list({ task, day }).then(
      ({ changes, next_before: next }) => {
        if (number !== asked.current) return;
        // Older pages stay where they are.
        setView((before) => (again && before.phase === 'ready' ? { ...before, changes: together(changes, before.changes) } : { phase: 'ready', changes, next, problem: null }));
      },
      (error: unknown) => number === asked.current && setView((before) => (before.phase === 'ready' ? before : { ...NOTHING, phase: 'failed', problem: sentence(error) })),
    );
  }, [api, task, day, filter, done]);

  const loadOlder = async () => {
    if (view.next === null) return;
    const number = asked.current;
    const { changes, next_before: next } = await api.list({ task, day }, view.next);
    if (number === asked.current) setView((before) => ({ ...before, changes: together(before.changes, changes), next }));
  };
  return { ...view, loadOlder };
}

/** Of a change that is in both the first counts. */
function together(first: Change[], second: Change[]): Change[] {
  const known = new Set(first.map(({ id }) => id));
  return [...first, ...second.filter(({ id }) => !known.has(id))];
}
