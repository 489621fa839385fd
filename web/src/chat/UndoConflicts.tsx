import { sentence } from '../api/apiErrors';
import { relativeTime } from '../page/relativeTime';
import { toast } from '../page/toasts';
import { useStore } from '../store';
import { blockedInWords, conflictInWords } from '../tasks/serverUndo';
import { Button } from '../ui/Button';
import { Dialog } from '../ui/Dialog';
import { changeAuthor } from '../tasks/changeAuthor';
import { useTaskContext } from '../tasks/taskContext';

/** Says what stands in the way of undoing, task by task, and asks what to do about the rest. */
export function UndoConflicts() {
  const { undo } = useTaskContext();
  const blocked = useStore(undo.blocked);
  if (!blocked) return null;
  const { conflicts, target, redoing, already } = blocked;
  const several = 'turn' in target || target.changes.length > 1;
  const close = () => undo.blocked.set(null);
  return (
    <Dialog {...blockedInWords(blocked)} onClose={close}>
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
          {already.changes.length > 0 ? 'Leave it at that' : 'Leave everything as it is'}
        </Button>
        {several && (
          <Button kind="primary" onClick={() => void undo.undoTheRest().catch((error: unknown) => toast(sentence(error), { tone: 'problem' }))}>
            {redoing ? 'Redo the rest' : 'Undo the rest'}
          </Button>
        )}
      </div>
    </Dialog>
  );
}
