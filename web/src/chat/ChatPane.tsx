import { useChat } from '@ai-sdk/react';
import { useEffect, useRef, useState, type RefObject } from 'react';
import type { Info } from '../api/types';
import { announce } from '../page/announce';
import type { Route } from '../page/route';
import { useWorkspace } from '../workspace';
import { useStore } from '../store';
import { Button } from '../ui/Button';
import { Composer } from './Composer';
import { EmptyChat } from './EmptyChat';
import { noticeOf, textOf, type ChatMessage } from './message';
import { MessageList } from './MessageList';
import { hasUndoableCalls } from './undoableCall';
import type { ReplacedEffects, ChatController } from './chatController';
import { TurnError } from './TurnError';

interface ChatPaneProps {
  route: Route;
  info: Info | null;
  field: RefObject<HTMLTextAreaElement | null>;
  controller: ChatController;
}

/** The conversation: what was said, and the field to go on. */
export function ChatPane({ route, info, field, controller }: ChatPaneProps) {
  const { user, drafts } = useWorkspace();
  const view = useStore(controller.view);
  const { messages } = useChat({ chat: controller.chat, throttle: 40 });
  const place = route.isNew ? 'new' : controller.id;
  const [text, setText] = useState(() => drafts.draft(place));

  const keep = (next: string) => {
    setText(next);
    drafts.keepDraft(place, next);
  };
  const [editing, setEditing] = useState<Editing | null>(null);
  const send = (message: string) => {
    keep(editing?.draft ?? '');
    setEditing(null);
    if (editing) void controller.edit(editing.id, message.trim(), editing.replaced);
    else void controller.send(message.trim());
  };
  /** The words of the last message go into the field; what stood there comes back afterwards. */
  const edit = (message: ChatMessage | undefined) => {
    if (!message || view.busy || view.problem) return;
    const answer = messages[messages.indexOf(message) + 1];
    setEditing({ id: message.id, draft: editing?.draft ?? text, replaced: answer && hasUndoableCalls(answer) ? 'taken back' : undefined });
    setText(textOf(message));
    field.current?.focus();
  };
  const stopEditing = () => {
    setText(editing?.draft ?? '');
    setEditing(null);
    field.current?.focus();
  };
  useSpokenAnswers(controller);
  useFocusKept(field, view.busy);

  const empty = messages.length === 0 && !view.busy;
  return (
    <section aria-label="Chat" className="flex min-h-0 min-w-0 flex-1 flex-col">
      {view.phase === 'loading' ? (
        <p className="m-auto text-quiet">Opening the conversation…</p>
      ) : view.phase === 'failed' && view.problem ? (
        <div className="m-auto w-full max-w-lg px-4">
          <TurnError problem={view.problem} controller={controller} onTakeBack={keep} />
        </div>
      ) : empty ? (
        <EmptyChat name={user.name} info={info} onExample={(example) => send(example)} />
      ) : (
        <MessageList key={controller.id} controller={controller} view={view} messages={messages} onTakeBack={keep} onEdit={edit} />
      )}
      {editing && <EditNotice editing={editing} onReplaced={(replaced) => setEditing({ ...editing, replaced })} onCancel={stopEditing} />}
      <Composer field={field} text={text} busy={view.busy} stopping={view.stopping} onText={editing ? setText : keep} onCancel={editing ? stopEditing : undefined} onSend={() => send(text)} onRecall={() => edit(messages.findLast((message) => message.role === 'user'))} onStop={() => void controller.stop()} />
    </section>
  );
}

interface Editing {
  /** The message. */
  id: string;
  /** What stood in the field. */
  draft: string;
  /** What becomes of what its answer did, if that did something. */
  replaced: ReplacedEffects | undefined;
}

interface EditNoticeProps {
  editing: Editing;
  onReplaced(replaced: ReplacedEffects): void;
  onCancel(): void;
}

/** Says that the field holds a message that was sent before, and what becomes of what its answer did. */
function EditNotice({ editing: { replaced }, onReplaced, onCancel }: EditNoticeProps) {
  return (
    <div role="group" aria-label="Editing your last message" className="mx-auto flex w-full max-w-3xl flex-wrap items-center gap-x-4 gap-y-1 px-5 pb-1 text-small sm:px-8">
      <p className="text-quiet">Editing your last message. Its answer is replaced.</p>
      {replaced && (
        <label className="inline-flex min-h-10 touch:min-h-11 items-center gap-2">
          <input type="checkbox" checked={replaced === 'taken back'} onChange={(event) => onReplaced(event.target.checked ? 'taken back' : 'stays')} className="size-5 shrink-0 accent-accent" />
          Take back what it did
        </label>
      )}
      <Button kind="quiet" className="ml-auto px-3! text-small!" onClick={onCancel}>
        Cancel
      </Button>
    </div>
  );
}

/** Reads a finished answer to screen readers, once; the growing text would be noise. */
function useSpokenAnswers(controller: ChatController): void {
  const { busy } = useStore(controller.view);
  const was = useRef(busy);
  useEffect(() => {
    if (busy && !was.current) announce('The assistant is answering.');
    if (!busy && was.current) {
      const last = controller.chat.lastMessage;
      if (last?.role === 'assistant') announce([textOf(last), noticeOf(last)].filter(Boolean).join('\n\n'));
    }
    was.current = busy;
  }, [busy, controller]);
}

/** When what had the focus is gone (an example, "Try again"), it goes to the field; by touch that would open the keyboard. */
function useFocusKept(field: RefObject<HTMLTextAreaElement | null>, busy: boolean): void {
  useEffect(() => {
    const lost = document.activeElement === null || document.activeElement === document.body;
    if (lost && matchMedia('(pointer: fine)').matches) field.current?.focus();
  }, [field, busy]);
}
