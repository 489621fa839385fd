import { memo } from 'react';
import { CheckIcon, ChevronIcon, WarnIcon } from '../ui/icons';
import { toolName, type ToolPart } from './message';
import { reportTool, type ToolReport } from './toolSentence';

/** What the assistant did, as one sentence that opens to the call and its result. */
export const ToolCard = memo(function ToolCard({ part }: { part: ToolPart }) {
  const report = reportTool(part);
  return (
    <details className="group animate-appear text-small open:pb-3">
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
      <dl className="mx-3 space-y-2 border-t border-line pt-2.5 text-quiet">
        <Detail name={`Asked ${toolName(part)} for`} value={part.input} />
        {part.output !== undefined && <Detail name="Got" value={part.output} />}
        {part.errorText && <Detail name="Failed with" value={part.errorText} />}
      </dl>
    </details>
  );
});

function Sign({ state }: { state: ToolReport['state'] }) {
  if (state === 'done') return <CheckIcon className="size-4 shrink-0 text-accent" />;
  if (state === 'refused') return <WarnIcon className="size-4 shrink-0 text-danger" />;
  return <span className="mx-1 size-2 shrink-0 animate-breathe rounded-full bg-accent" aria-hidden="true" />;
}

function Detail({ name, value }: { name: string; value: unknown }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <pre tabIndex={0} className="mt-1 max-h-64 overflow-auto rounded-lg bg-sunken px-3 py-2 text-ink">
          {typeof value === 'string' ? value : JSON.stringify(value, null, 2)}
        </pre>
      </dd>
    </div>
  );
}
