import { memo, useMemo, useRef, useState, type ReactNode } from 'react';
import type { Task } from '../api/types';
import { copyText } from '../page/copyText';
import { useStore } from '../store';
import type { Undo } from '../tasks/serverUndo';
import { useDeferredChat } from './useDeferredComponents';
import { Button, IconButton } from '../ui/Button';
import { AgainIcon, CopyIcon, PencilIcon } from '../ui/icons';
import { approvalsOf, type Approvals } from './approvals';
import { isBlank, isToolPart, noticeOf, textOf, type ChatMessage, type ReplacedEffects, type ToolPart } from './message';
import { LazyMarkdown } from './LazyMarkdown';
import { ToolCard } from './ToolCard';
import { undoableCall, hasUndoableCalls } from './undoableCall';
import { UndoButton } from './UndoButton';

interface MessageProps {
  message: ChatMessage;
  growing: boolean;
  /** The task that a tool call changed, as it was before, where this page saw it. */
  before(callId: string): Task | undefined;
  /** What the assistant asks before it does it. */
  approvals?: Approvals | undefined;
  /** Takes back what it did. */
  undo?: Undo | undefined;
  /** Given for the last answer only. */
  onAgain?: ((replaced?: ReplacedEffects) => void) | undefined;
  /** Given for the person's last message only. */
  onEdit?: (() => void) | undefined;
}

/** What there is to say about answers that did not simply end. */
const ENDINGS: Record<string, string> = {
  cancelled: 'You stopped this answer.',
  length: 'This answer ends here because it reached its length limit.',
  content_filter: 'The model held back the rest of this answer.',
  step_limit: 'The assistant paused after many steps. Say “go on” to continue.',
};

/** One message. What somebody said stands in a bubble; what the assistant says is the page's own text. */
export const MessageView = memo(function MessageView({ message, growing, before, undo, approvals, onAgain, onEdit }: MessageProps) {
  if (message.role === 'user') {
    return (
      <article aria-label="You" className="group/asked flex items-center justify-end gap-1">
        {onEdit && (
          <IconButton label="Edit your message" onClick={onEdit} className="opacity-0 group-hover/asked:opacity-100 focus-visible:opacity-100 touch:opacity-100">
            <PencilIcon className="size-4" />
          </IconButton>
        )}
        <p dir="auto" className="max-w-[85%] rounded-2xl rounded-br-md bg-accent-soft px-4 py-2.5 text-read whitespace-pre-wrap wrap-anywhere">{textOf(message)}</p>
      </article>
    );
  }
  const notice = noticeOf(message);
  const note = ENDINGS[message.metadata?.finishReason ?? ''] ?? (isBlank(message) ? 'No answer came.' : null);
  return (
    <article aria-label="Assistant" className="group/answer text-read">
      <div className="space-y-3">{answer(message, growing, before, undo)}</div>
      {approvals && <Asked message={message} approvals={approvals} />}
      {notice && !growing && <p className="mt-2 text-small text-quiet">{notice}</p>}
      {note && !growing && <p className="mt-2 text-small text-quiet">{note}</p>}
      {!growing && <Actions message={message} undo={undo} onAgain={onAgain} />}
    </article>
  );
});

/** The parts in order, with neighbouring tool calls close together. */
function answer(message: ChatMessage, growing: boolean, before: MessageProps['before'], undo: Undo | undefined): ReactNode[] {
  const blocks: ReactNode[] = [];
  let cards: ReactNode[] = [];
  const close = () => {
    if (cards.length) blocks.push(<div key={`cards-${blocks.length}`} className="divide-y divide-line rounded-2xl border border-line bg-surface">{cards}</div>);
    cards = [];
  };
  message.parts.forEach((part, index) => {
    if (isToolPart(part)) cards.push(<Card key={part.toolCallId} message={message} part={part} before={before(part.toolCallId)} undo={growing ? undefined : undo} />);
    else if (part.type === 'text' && part.text) {
      close();
      blocks.push(<LazyMarkdown key={index} text={part.text} growing={growing && index === message.parts.length - 1} />);
    }
  });
  close();
  return blocks;
}

interface CardProps extends Pick<MessageProps, 'message' | 'undo'> {
  part: ToolPart;
  before: Task | undefined;
}

function Card({ message, part, before, undo }: CardProps) {
  const undoing = useMemo(() => {
    const undoable = undo && undoableCall(message, part);
    return undoable ? { undo, undoable } : undefined;
  }, [undo, message, part]);
  return <ToolCard part={part} before={before} undoing={undoing} />;
}

/** The questions that wait for a yes, or had one. */
function Asked({ message, approvals }: { message: ChatMessage; approvals: Approvals }) {
  const known = useStore(approvals.known);
  const questions = useMemo(() => approvalsOf(message, known), [message, known]);
  const deferred = useDeferredChat(questions.length > 0);
  if (!deferred || questions.length === 0) return null;
  return (
    <div className="mt-3 space-y-3">
      {questions.map((one) => (
        <deferred.ApprovalCard key={one.id} approval={one} onDecide={(asked, decision) => approvals.decide(asked, decision)} />
      ))}
    </div>
  );
}

function Actions({ message, undo, onAgain }: Pick<MessageProps, 'message' | 'undo' | 'onAgain'>) {
  const copy = () => void copyText(textOf(message), 'Copied.');
  const changed = hasUndoableCalls(message);
  const [asking, setAsking] = useState(false);
  const again = useRef<HTMLButtonElement>(null);
  const close = () => {
    setAsking(false);
    again.current?.focus();
  };
  return (
    <div className={`mt-1 -mb-2 -ml-2.5 flex flex-wrap transition-opacity ${onAgain ? '' : 'opacity-0 group-hover/answer:opacity-100 focus-within:opacity-100 touch:opacity-100'}`}>
      {textOf(message) && (
        <IconButton label="Copy the answer" onClick={copy}>
          <CopyIcon className="size-4" />
        </IconButton>
      )}
      {undo && changed && <UndoButton undo={undo} place={message.id} target={{ turn: message.id }} what="everything this answer did" />}
      {onAgain && (
        <IconButton ref={again} label="Answer again" aria-expanded={changed ? asking : undefined} onClick={() => (changed ? setAsking(!asking) : onAgain())}>
          <AgainIcon className="size-4" />
        </IconButton>
      )}
      {onAgain && asking && (
        <div role="group" aria-label="Answer again" className="flex w-full flex-wrap items-center gap-2 rounded-xl bg-sunken p-2 pl-3.5" onKeyDown={(event) => event.key === 'Escape' && close()}>
          <p className="w-full text-small sm:w-auto sm:flex-1">This answer changed your list.</p>
          <Button kind="quiet" onClick={() => onAgain('stays')}>
            Leave it changed
          </Button>
          <Button kind="primary" autoFocus onClick={() => onAgain('taken back')}>
            Take that back first
          </Button>
        </div>
      )}
    </div>
  );
}
