import { memo, useState } from 'react';
import type { Task } from '../api/types';
import { useLater } from '../useLater';
import { CheckIcon, ChevronIcon, WarnIcon } from '../ui/icons';
import type { ToolPart } from './message';
import { reportTool, type ToolReport } from './toolSentence';

interface ToolCardProps {
  part: ToolPart;
  /** The task as it was, where this page saw it change. */
  before: Task | undefined;
}

/** What the assistant did, as one sentence that opens to what changed, line by line. */
export const ToolCard = memo(function ToolCard({ part, before }: ToolCardProps) {
  const report = reportTool(part);
  const [open, setOpen] = useState(false);
  const later = useLater(open);
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)} className="group animate-appear text-small open:pb-3">
      <summary className="flex min-h-10 touch:min-h-11 list-none items-center gap-2.5 rounded-2xl px-3.5 py-1.5 [&::-webkit-details-marker]:hidden">
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
        </span>
        <ChevronIcon className="size-4 shrink-0 text-quiet transition-transform group-open:rotate-90" />
      </summary>
      {open && later && <later.ToolDetails part={part} before={before} />}
    </details>
  );
});

function Sign({ state }: { state: ToolReport['state'] }) {
  if (state === 'done') return <CheckIcon className="size-4 shrink-0 text-accent" />;
  if (state === 'refused') return <WarnIcon className="size-4 shrink-0 text-danger" />;
  return <span className="mx-1 size-2 shrink-0 animate-breathe rounded-full bg-accent" aria-hidden="true" />;
}
