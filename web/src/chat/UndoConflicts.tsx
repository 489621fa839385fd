import { sentence } from '../api/problem';
import { relativeTime } from '../page/relativeTime';
import { toast } from '../page/toasts';
import { useStore } from '../store';
import { conflictInWords } from '../tasks/serverUndo';
import { Button } from '../ui/Button';
import { Dialog } from '../ui/Dialog';
import { useWorkspace } from '../workspace';
import { changeAuthor } from '../tasks/changeAuthor';

/** Says what stands in the way of undoing, task by task, and asks what to do about the rest. */
export function UndoConflicts() {
  const { undo } = useWorkspace();
  const blocked = useStore(undo.blocked);
  if (!blocked) return null;
  const { conflicts, target, redoing } = blocked;
  const several = 'turn' in target || ('changes' in target ? target.changes : target.undoable.tasks).length > 1;
  const close = () => undo.blocked.set(null);
  const word = redoing ? 'redo' : 'undo';
  return (
    <Dialog title={redoing ? 'Not done again' : 'Not undone'} description={`Nothing was changed, because ${conflicts.length === 1 ? 'this was' : 'these were'} in the way:`} onClose={close}>
      <ul className="space-y-1.5">
        {conflicts.map((conflict) => (
          <li key={`${conflict.task_id}-${conflict.reason}`} dir="auto" className="rounded-xl bg-amber-soft px-3.5 py-2.5 wrap-anywhere">
            {conflictInWords(conflict)}
            {conflict.since && <span className="block text-small text-quiet">{`${changeAuthor(conflict.since)}, ${relativeTime(conflict.since.at)}`}</span>}
          </li>
        ))}
      </ul>
      <div className="mt-5 flex flex-wrap justify-end gap-2">
        <Button autoFocus onClick={close}>
          Leave everything as it is
        </Button>
        {several && (
          <Button kind="primary" onClick={() => void undo.undoTheRest().catch((error: unknown) => toast(sentence(error), { tone: 'problem' }))}>
            {`${word.charAt(0).toUpperCase()}${word.slice(1)} the rest`}
          </Button>
        )}
      </div>
    </Dialog>
  );
}
