import { useChat } from '@ai-sdk/react';
import { useEffect, useRef, useState, type RefObject } from 'react';
import type { Info } from '../api/types';
import { announce } from '../page/announce';
import type { Route } from '../page/route';
import { useSession } from '../session/sessionContext';
import { useStore } from '../store';
import { Button } from '../ui/Button';
import { Composer } from './Composer';
import type { EditedMessage } from './drafts';
import { EmptyChat } from './EmptyChat';
import { newestQuestion, noticeOf, textOf, type ChatMessage, type ReplacedEffects } from './message';
import { ComposerState } from './composerState';
import { MessageList } from './MessageList';
import { hasUndoableCalls } from './undoableCall';
import type { ChatController } from './chatController';
import { TurnError } from './TurnError';
import { useChatContext } from './chatContext';

interface ChatPaneProps {
  route: Route;
  info: Info | null;
  field: RefObject<HTMLTextAreaElement | null>;
  controller: ChatController;
}

/** The conversation: what was said, and the field to go on. */
export function ChatPane({ route, info, field, controller }: ChatPaneProps) {
  const { user } = useSession();
  const { drafts } = useChatContext();
  const view = useStore(controller.view);
  const { messages } = useChat({ chat: controller.chat, throttle: 40 });
  const place = route.isNew ? 'new' : controller.id;
  const [composing] = useState(() => new ComposerState(drafts, controller, place));
  const { draft, editing } = useStore(composing.view);
  useEffect(() => composing.show(), [composing]);
  useEffect(() => composing.moveTo(place), [composing, place]);
  useEffect(() => composing.settle(), [composing, view.phase, view.busy, view.problem]);

  /** The words of the last message go into the field; what stood there comes back afterwards. */
  const edit = (message: ChatMessage | undefined) => {
    if (!message || view.busy || view.problem) return;
    const answer = messages[messages.indexOf(message) + 1];
    composing.edit(message, answer && hasUndoableCalls(answer) ? 'taken back' : undefined);
    field.current?.focus();
  };
  const stopEditing = () => {
    composing.stopEditing();
    field.current?.focus();
  };
  const takeBack = (words: string) => {
    composing.takeBack(words);
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
          <TurnError problem={view.problem} controller={controller} onTakeBack={takeBack} />
        </div>
      ) : empty ? (
        <EmptyChat name={user.name} info={info} onExample={(example) => void controller.send(example)} />
      ) : (
        <MessageList key={controller.id} controller={controller} view={view} messages={messages} onTakeBack={takeBack} onEdit={edit} />
      )}
      {editing && <EditNotice editing={editing} onReplaced={(replaced) => composing.chooseReplaced(replaced)} onCancel={stopEditing} />}
      <Composer field={field} text={editing?.text ?? draft} busy={view.busy} stopping={view.stopping} onText={(next) => composing.type(next)} onCancel={editing ? stopEditing : undefined} onSend={() => void composing.send()} onRecall={() => edit(newestQuestion(messages))} onStop={() => void controller.stop()} />
    </section>
  );
}

interface EditNoticeProps {
  editing: EditedMessage;
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
