import { useLayoutEffect, useRef, type KeyboardEvent, type RefObject } from 'react';
import { SendIcon, StopIcon } from '../ui/icons';
import { isComposing } from '../ui/isComposing';

interface ComposerProps {
  field: RefObject<HTMLTextAreaElement | null>;
  text: string;
  busy: boolean;
  stopping: boolean;
  onText(text: string): void;
  onSend(): void;
  onStop(): void;
  /** Leaves the message as it was that is being edited. */
  onCancel?: (() => void) | undefined;
  /** Brings the last message back to be edited. */
  onRecall(): void;
}

const LIMIT = 10_000;

/** The message field. Enter sends, Shift+Enter makes a new line; while an answer is written one can already type the next. */
export function Composer({ field, text, busy, stopping, onText, onSend, onStop, onCancel, onRecall }: ComposerProps) {
  const form = useRef<HTMLFormElement>(null);
  const tooLong = text.length > LIMIT;
  const canSend = text.trim() !== '' && !tooLong;

  useLayoutEffect(() => {
    const box = field.current;
    if (!box) return;
    box.style.height = 'auto';
    box.style.height = `${Math.min(box.scrollHeight, 200)}px`;
  }, [text, field]);

  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (isComposing(event)) return;
    if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      if (!busy && canSend) onSend();
    } else if (event.key === 'Escape' && busy) onStop();
    else if (event.key === 'Escape' && onCancel) onCancel();
    else if (event.key === 'ArrowUp' && text === '') {
      event.preventDefault();
      onRecall();
    }
  };

  return (
    <form
      ref={form}
      className="mx-auto w-full max-w-3xl px-3 pb-3 sm:px-6 sm:pb-5"
      onSubmit={(event) => {
        event.preventDefault();
        if (!busy && canSend) onSend();
      }}
    >
      <div className="flex items-end gap-1.5 rounded-3xl border border-edge bg-surface p-1.5 pl-4 shadow-xs has-[textarea:focus]:border-accent has-[textarea:focus]:outline-1 has-[textarea:focus]:outline-accent">
        <textarea
          ref={field}
          dir="auto"
          rows={1}
          value={text}
          aria-label="Message"
          aria-keyshortcuts="Alt+M"
          enterKeyHint="send"
          placeholder="Say what should happen to your list"
          className="min-h-11 flex-1 resize-none bg-transparent py-2.5 text-read leading-6 outline-none"
          onChange={(event) => onText(event.target.value)}
          onKeyDown={onKeyDown}
        />
        {busy ? (
          <button key="stop" type="button" aria-label="Stop the answer" title="Stop the answer" aria-busy={stopping} disabled={stopping} onClick={(event) => event.detail < 2 && onStop()} className="grid size-11 shrink-0 place-items-center rounded-full bg-sunken text-ink transition-colors hover:bg-line disabled:opacity-60">
            <StopIcon />
          </button>
        ) : (
          <button key="send" type="submit" aria-label="Send" title="Send" disabled={!canSend} className="grid size-11 shrink-0 place-items-center rounded-full bg-accent text-on-accent transition-colors hover:bg-accent-strong disabled:bg-sunken disabled:text-quiet">
            <SendIcon />
          </button>
        )}
      </div>
      {tooLong && (
        <p role="alert" className="px-4 pt-1.5 text-small text-danger">
          A message holds {LIMIT.toLocaleString('en')} characters; this one has {text.length.toLocaleString('en')}.
        </p>
      )}
    </form>
  );
}
