import { useState } from 'react';
import { sentence } from '../api/apiErrors';
import type { Change } from '../api/types';
import { UndoButton } from '../chat/UndoButton';
import { toast } from '../page/toasts';
import { useStore } from '../store';
import { rowsOfChange } from '../tasks/changeDetailRows';
import { ChangeDetailList } from '../tasks/ChangeDetailList';
import { dayOf } from '../tasks/dueDates';
import { useTaskContext } from '../tasks/taskContext';
import { Button } from '../ui/Button';
import { Dialog } from '../ui/Dialog';
import { INPUT } from '../ui/Field';
import { CloseIcon } from '../ui/icons';
import { byDay, changeSummary, changeLabel } from './changeSummary';
import { useChanges } from './useChanges';

interface ActivityDialogProps {
  task?: { id: number; title: string } | undefined;
  onClose(): void;
}

/** What was changed, by day: who did what, how it was before and after, and a button to undo each. */
export function ActivityDialog({ task: first, onClose }: ActivityDialogProps) {
  const { clock } = useTaskContext();
  const now = useStore(clock.now);
  const [task, setTask] = useState(first ?? null);
  const [day, setDay] = useState('');
  const { phase, changes, next, problem, loadOlder } = useChanges({ task: task?.id ?? null, day: day || null });
  const [busy, setBusy] = useState(false);

  const older = async () => {
    setBusy(true);
    await loadOlder().catch((error: unknown) => toast(sentence(error), { tone: 'problem' }));
    setBusy(false);
  };
  const state = problem ?? (phase === 'loading' ? 'Looking…' : changes.length === 0 ? 'Nothing was changed.' : '');
  return (
    <Dialog title="Activity" side="wide" onClose={onClose}>
      <div className="flex flex-wrap items-center gap-2">
        <label className="flex items-center gap-2">
          <span className="text-small text-quiet">Day</span>
          <input type="date" max={dayOf(now)} value={day} onChange={(event) => setDay(event.target.value)} className={`${INPUT} w-auto!`} />
        </label>
        {task && (
          <button type="button" aria-label={`Only task ${task.id}, ${task.title}: show all tasks`} onClick={() => setTask(null)} className="inline-flex min-h-10 touch:min-h-11 max-w-full min-w-0 items-center gap-1.5 rounded-full bg-accent-soft px-3.5 text-small text-accent hover:text-accent-strong">
            <span dir="auto" className="truncate">{`${task.id} · ${task.title}`}</span>
            <CloseIcon className="size-3.5 shrink-0" />
          </button>
        )}
      </div>
      <p role="status" className={state ? 'py-8 text-center text-quiet' : 'sr-only'}>
        {state || `${changes.length} changes`}
      </p>
      {byDay(changes, now).map(({ day: date, label, changes: some }) => (
        <section key={date} aria-label={label}>
          <h3 className="pt-4 pb-1 text-small font-medium text-quiet">{label}</h3>
          <ul className="divide-y divide-line">
            {some.map((change) => (
              <ChangeItem key={change.id} change={change} now={now} onOnly={task ? null : () => setTask({ id: change.task_id, title: change.title })} />
            ))}
          </ul>
        </section>
      ))}
      {next !== null && changes.length > 0 && (
        <Button kind="quiet" className="mt-3 w-full" busy={busy} onClick={() => void older()}>
          {busy ? 'Loading…' : 'Show older'}
        </Button>
      )}
    </Dialog>
  );
}

interface ChangeItemProps {
  change: Change;
  now: string;
  /** Shows this task's changes only; nothing where it does already. */
  onOnly: (() => void) | null;
}

function ChangeItem({ change, now, onOnly }: ChangeItemProps) {
  const { undo } = useTaskContext();
  const place = `change-${change.id}`;
  const undoneHere = useStore(undo.done, (done) => done.has(place));
  const rows = rowsOfChange(change, now);
  const title = <bdi className="font-medium wrap-anywhere">{change.title}</bdi>;
  return (
    <li className="flex items-start gap-2 py-2.5">
      <div className="min-w-0 flex-1">
        {onOnly ? (
          <button type="button" title="Only changes of this task" onClick={onOnly} className="-my-1.5 block touch:min-h-11 rounded-lg py-1.5 text-start underline-offset-4 hover:underline">
            {title}
          </button>
        ) : (
          <p>{title}</p>
        )}
        <p className="text-small text-quiet">{changeSummary(change)}</p>
        {(rows.length > 0 || change.kind === 'updated') && (
          <div className="mt-1 text-small text-quiet">{rows.length > 0 ? <ChangeDetailList rows={rows} /> : 'Its place in the list'}</div>
        )}
      </div>
      {(undoneHere || !change.undone_by) && <UndoButton undo={undo} place={place} target={{ changes: [change.id] }} what={`“${changeLabel(change)} ${change.title}”`} />}
    </li>
  );
}
