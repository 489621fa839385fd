import { useChat } from '@ai-sdk/react';
import { useEffect, useRef, useState, type RefObject } from 'react';
import type { Info } from '../api/types';
import { announce } from '../page/announce';
import type { Route } from '../page/route';
import { useWorkspace } from '../workspace';
import { useStore } from '../store';
import { Composer } from './Composer';
import { EmptyChat } from './EmptyChat';
import { noticeOf, textOf, type ChatMessage } from './message';
import { MessageList } from './MessageList';
import type { Talk } from './talk';
import { TurnError } from './TurnError';

interface ChatPaneProps {
  route: Route;
  info: Info | null;
  field: RefObject<HTMLTextAreaElement | null>;
  talk: Talk;
}

/** The conversation: what was said, and the field to go on. */
export function ChatPane({ route, info, field, talk }: ChatPaneProps) {
  const { user, drafts } = useWorkspace();
  const view = useStore(talk.view);
  const { messages } = useChat({ chat: talk.chat, throttle: 40 });
  const place = route.isNew ? 'new' : talk.id;
  const [text, setText] = useState(() => drafts.draft(place));

  const keep = (next: string) => {
    setText(next);
    drafts.keepDraft(place, next);
  };
  const send = (message: string) => {
    keep('');
    void talk.send(message.trim());
  };
  /** A message that was sent stays; its words go into the field, before what stands there, to be sent as a new one. */
  const edit = (message: ChatMessage | undefined) => {
    if (!message || view.busy) return;
    keep(text.trim() ? `${textOf(message)}\n${text}` : textOf(message));
    field.current?.focus();
  };
  useSpokenAnswers(talk);
  useFocusKept(field, view.busy);

  const empty = messages.length === 0 && !view.busy;
  return (
    <section aria-label="Chat" className="flex min-h-0 min-w-0 flex-1 flex-col">
      {view.phase === 'loading' ? (
        <p className="m-auto text-quiet">Opening the conversation…</p>
      ) : view.phase === 'failed' && view.problem ? (
        <div className="m-auto w-full max-w-lg px-4">
          <TurnError problem={view.problem} talk={talk} onTakeBack={keep} />
        </div>
      ) : empty ? (
        <EmptyChat name={user.name} info={info} onExample={(example) => send(example)} />
      ) : (
        <MessageList key={talk.id} talk={talk} view={view} messages={messages} onTakeBack={keep} onEdit={edit} />
      )}
      <Composer field={field} text={text} busy={view.busy} stopping={view.stopping} onText={keep} onSend={() => send(text)} onRecall={() => edit(messages.findLast((message) => message.role === 'user'))} onStop={() => void talk.stop()} />
    </section>
  );
}

/** Reads a finished answer to screen readers, once; the growing text would be noise. */
function useSpokenAnswers(talk: Talk): void {
  const { busy } = useStore(talk.view);
  const was = useRef(busy);
  useEffect(() => {
    if (busy && !was.current) announce('The assistant is answering.');
    if (!busy && was.current) {
      const last = talk.chat.lastMessage;
      if (last?.role === 'assistant') announce([textOf(last), noticeOf(last)].filter(Boolean).join('\n\n'));
    }
    was.current = busy;
  }, [busy, talk]);
}

/** When what had the focus is gone (an example, "Try again"), it goes to the field; by touch that would open the keyboard. */
function useFocusKept(field: RefObject<HTMLTextAreaElement | null>, busy: boolean): void {
  useEffect(() => {
    const lost = document.activeElement === null || document.activeElement === document.body;
    if (lost && matchMedia('(pointer: fine)').matches) field.current?.focus();
  }, [field, busy]);
}
