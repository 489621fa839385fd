import { useLayoutEffect, useRef, useState } from 'react';
import { sentence } from '../api/apiErrors';
import { toast } from '../page/toasts';
import { useTaskContext } from '../tasks/taskContext';
import { Button } from '../ui/Button';
import { DownIcon } from '../ui/icons';
import { isBlank, isSpeaking, type ChatMessage } from './message';
import { MessageView } from './MessageView';
import { TurnError } from './TurnError';
import { useChatContext } from './chatContext';
import type { ChatController } from './chatController';
import type { ChatState } from './chatState';
import { useStickToEnd } from './useStickToEnd';

interface MessageListProps {
  controller: ChatController;
  view: ChatState;
  messages: ChatMessage[];
  onTakeBack(text: string): void;
  onEdit(message: ChatMessage): void;
}

export function MessageList({ controller, view, messages, onTakeBack, onEdit }: MessageListProps) {
  const { before, undo } = useTaskContext();
  const { approvals } = useChatContext();
  const { scroller, content, atEnd, toEnd } = useStickToEnd();
  const asked = messages.findLast((message) => message.role === 'user')?.id;
  const last = messages.at(-1);
  const waiting = view.busy && !isSpeaking(last);
  // What stands below it says how it is about this answer.
  const unsaid = last?.role === 'assistant' && isBlank(last) && (view.busy || view.problem) ? last : null;

  // Whoever asks wants to see the answer.
  useLayoutEffect(() => toEnd(), [asked, toEnd]);

  return (
    <div className="relative min-h-0 flex-1">
      <div ref={scroller} className="h-full overflow-y-auto overscroll-contain" tabIndex={0} role="region" aria-label="Messages of this conversation">
        <div ref={content} className="mx-auto max-w-3xl px-4 py-6 sm:px-6">
          {view.earlier && <Earlier controller={controller} scroller={scroller} />}
          <ol className="space-y-6">
            {messages.map((message) => message !== unsaid && (
              <li key={message.id} className={message === last ? '' : 'offscreen-message'}>
                <MessageView
                  message={message}
                  before={before}
                  undo={undo}
                  approvals={approvals}
                  growing={view.busy && message === last}
                  onAgain={message === last && !view.busy ? (replaced) => void controller.regenerate(replaced) : undefined}
                  onEdit={message.id === asked && !view.busy && !view.problem ? () => onEdit(message) : undefined}
                />
              </li>
            ))}
          </ol>
          {(waiting || view.recovering) && <Waiting text={WAITING[view.recovering ?? (last?.role === 'assistant' && !isBlank(last) ? 'more' : 'answer')]} />}
          {view.problem && <TurnError problem={view.problem} controller={controller} onTakeBack={onTakeBack} />}
        </div>
      </div>
      {!atEnd && (
        <div className="pointer-events-none absolute inset-x-0 bottom-2 grid place-items-center">
          <Button className="pointer-events-auto shadow-md" onClick={() => toEnd(true)}>
            <DownIcon className="size-4" /> Latest
          </Button>
        </div>
      )}
    </div>
  );
}

const WAITING = {
  answer: 'Thinking',
  more: 'Still working',
  connection: 'The connection broke. Picking up the answer',
  model: 'The model is still loading. Trying again by itself',
};

function Waiting({ text }: { text: string }) {
  return (
    <p className="mt-6 flex items-center gap-2 text-quiet">
      <span className="flex gap-1" aria-hidden="true">
        {[0, 1, 2].map((dot) => (
          <span key={dot} className="size-1.5 animate-breathe rounded-full bg-accent" style={{ animationDelay: `${dot * 160}ms` }} />
        ))}
      </span>
      {text}…
    </p>
  );
}

/** Loads older messages and keeps what one was reading where it is. */
function Earlier({ controller, scroller }: { controller: ChatController; scroller: React.RefObject<HTMLDivElement | null> }) {
  const [busy, setBusy] = useState(false);
  const fromEnd = useRef<number | null>(null);

  useLayoutEffect(() => {
    const box = scroller.current;
    if (box && fromEnd.current !== null) box.scrollTop = box.scrollHeight - fromEnd.current;
    fromEnd.current = null;
  });

  const load = async () => {
    const box = scroller.current;
    setBusy(true);
    const distance = box ? box.scrollHeight - box.scrollTop : 0;
    await controller.loadEarlier().catch((error: unknown) => toast(sentence(error), { tone: 'problem' }));
    fromEnd.current = distance;
    setBusy(false);
  };

  return (
    <div className="mb-6 grid place-items-center">
      <Button kind="quiet" busy={busy} onClick={load}>
        {busy ? 'Loading…' : 'Show earlier messages'}
      </Button>
    </div>
  );
}
