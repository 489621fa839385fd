import { memo, useState } from 'react';
import type { Task } from '../api/types';
import { useStore } from '../store';
import type { UndoableCall, Undo } from '../tasks/serverUndo';
import { useDeferredChat } from './useDeferredComponents';
import { CheckIcon, ChevronIcon, WarnIcon } from '../ui/icons';
import type { ToolPart } from './message';
import { plainSentence, summarizeToolCall, type ToolCallSummary } from './toolCallSummary';
import { UndoButton } from './UndoButton';

interface ToolCardProps {
  part: ToolPart;
  /** The task as it was, where this page saw it change. */
  before: Task | undefined;
  /** What can be undone of it, where anything can. */
  undoing?: { undo: Undo; undoable: UndoableCall } | undefined;
}

/** What the assistant did, as one sentence that opens to what changed, line by line. */
export const ToolCard = memo(function ToolCard({ part, before, undoing }: ToolCardProps) {
  const report = summarizeToolCall(part);
  const [open, setOpen] = useState(false);
  const deferred = useDeferredChat(open);
  return (
    <div className="relative animate-appear text-small">
      <details onToggle={(event) => setOpen(event.currentTarget.open)} className="group open:pb-3">
        <summary className={`flex min-h-10 touch:min-h-11 list-none items-center gap-2.5 rounded-2xl py-1.5 pl-3.5 [&::-webkit-details-marker]:hidden ${undoing ? 'pr-12' : 'pr-3.5'}`}>
          <Sign state={report.state} />
          <span className="min-w-0 flex-1 text-quiet wrap-anywhere">
            {report.sentence.map((piece, index) =>
              typeof piece === 'string' ? (
                // A number never stands alone on the next line.
                piece.replace(/task (?=\d)/g, 'task\u00a0')
              ) : (
                <bdi key={index} className="font-medium text-ink">
                  {piece.title}
                </bdi>
              ),
            )}
            {undoing && <Undone {...undoing} place={part.toolCallId} />}
          </span>
          <ChevronIcon className="size-4 shrink-0 text-quiet transition-transform group-open:rotate-90" />
        </summary>
        {open && deferred && <deferred.ToolDetails part={part} before={before} />}
      </details>
      {undoing && <UndoButton undo={undoing.undo} {...placeOf(part, undoing.undoable)} what={`“${plainSentence(report.sentence)}”`} className="absolute top-0 right-1 touch:right-0.5" />}
    </div>
  );
});

/** What the button of a card undoes: its call or, where that is all the answer did, the answer. */
function placeOf(part: ToolPart, undoable: UndoableCall) {
  return undoable.alone ? { place: undoable.turn, target: { turn: undoable.turn } } : { place: part.toolCallId, target: { undoable }, within: undoable.turn };
}

/** Says it of a card whose call was undone, by itself or with its whole answer. */
function Undone({ undo, undoable, place }: { undo: Undo; undoable: UndoableCall; place: string }) {
  const undone = useStore(undo.done, (done) => done.has(place) || done.has(undoable.turn));
  return undone && ' · undone';
}

function Sign({ state }: { state: ToolCallSummary['state'] }) {
  if (state === 'done') return <CheckIcon className="size-4 shrink-0 text-accent" />;
  if (state === 'refused') return <WarnIcon className="size-4 shrink-0 text-danger" />;
  if (state === 'asked') return <span className="mx-1 size-2 shrink-0 rounded-full border-2 border-accent" aria-hidden="true" />;
  return <span className="mx-1 size-2 shrink-0 animate-breathe rounded-full bg-accent" aria-hidden="true" />;
}
