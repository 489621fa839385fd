import { useState } from 'react';
import { useStore } from '../store';
import type { Undo, UndoTarget } from '../tasks/serverUndo';
import { IconButton } from '../ui/Button';
import { RedoIcon, UndoIcon } from '../ui/icons';

interface UndoButtonProps {
  undo: Undo;
  /** A name for the place of the button on the page. */
  place: string;
  target: UndoTarget;
  /** What is undone, after "Undo". */
  what: string;
  /** A larger place that holds this one: undone there, it is undone here. */
  within?: string;
  className?: string;
}

/** Takes back what was done, and where that was done from here, does it again. */
export function UndoButton({ undo, place, target, what, within, className = '' }: UndoButtonProps) {
  const undone = useStore(undo.done, (done) => done.has(place));
  const covered = useStore(undo.done, (done) => within !== undefined && done.has(within));
  const [busy, setBusy] = useState(false);
  const press = async () => {
    if (busy) return;
    setBusy(true);
    await (undone ? undo.redo(place) : undo.undo(place, target));
    setBusy(false);
  };
  if (covered) return null;
  // Not disabled while busy: it would lose the focus.
  return (
    <IconButton label={`${undone ? 'Redo' : 'Undo'} ${what}`} aria-busy={busy || undefined} onClick={() => void press()} className={`${busy ? 'opacity-50' : ''} ${className}`}>
      {undone ? <RedoIcon className="size-4" /> : <UndoIcon className="size-4" />}
    </IconButton>
  );
}
