import { useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import { sentence } from '../api/apiErrors';
import { toast } from '../page/toasts';
import { Button } from '../ui/Button';

interface ConfirmButtonProps {
  /** The word on the button, and on the one that agrees. */
  word: string;
  /** What it is done to, for the names of the buttons. */
  what: string;
  question: string;
  /** When it has been done, the entry goes with its buttons. */
  onYes(): Promise<void>;
}

/** A button that asks before it does something; the focus stays with the question and comes back from it. */
export function ConfirmButton({ word, what, question, onYes }: ConfirmButtonProps) {
  const [asking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  const button = useRef<HTMLButtonElement>(null);

  const keep = () => {
    flushSync(() => setAsking(false));
    button.current?.focus();
  };
  const yes = async () => {
    // Not disabled meanwhile: that would take the focus away.
    if (busy) return;
    setBusy(true);
    await onYes().catch((error: unknown) => {
      setBusy(false);
      toast(sentence(error), { tone: 'problem' });
    });
  };
  if (!asking) {
    return (
      <Button ref={button} kind="quiet" aria-label={`${word} ${what}…`} className="shrink-0" onClick={() => setAsking(true)}>
        {word}…
      </Button>
    );
  }
  return (
    <div role="group" aria-label={question} className="flex w-full flex-wrap items-center justify-end gap-2 rounded-xl bg-sunken p-2 pl-3.5">
      <p className="min-w-40 flex-1 text-small">{question}</p>
      <Button kind="quiet" onClick={keep}>
        Keep
      </Button>
      <Button kind="danger" autoFocus aria-label={`${word} ${what}`} aria-busy={busy || undefined} aria-disabled={busy || undefined} onClick={() => void yes()}>
        {word}
      </Button>
    </div>
  );
}
