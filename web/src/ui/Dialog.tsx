import * as Radix from '@radix-ui/react-dialog';
import { useRef, useState, type ReactNode } from 'react';
import { IconButton } from './Button';
import { CloseIcon } from './icons';

interface DialogProps {
  title: string;
  description?: string;
  /** `wide` stands in the middle, with more room. */
  side?: 'middle' | 'wide' | 'left';
  /** Without it the dialog cannot be dismissed. */
  onClose?: () => void;
  children: ReactNode;
}

const PLACES = {
  middle:
    'inset-x-0 bottom-0 max-h-[92dvh] rounded-t-3xl sm:inset-auto sm:top-1/2 sm:left-1/2 sm:w-[28rem] sm:-translate-1/2 sm:rounded-3xl animate-appear sm:animate-none',
  wide: 'inset-x-0 bottom-0 max-h-[92dvh] rounded-t-3xl sm:inset-auto sm:top-1/2 sm:left-1/2 sm:w-[36rem] sm:-translate-1/2 sm:rounded-3xl animate-appear sm:animate-none',
  left: 'inset-y-0 left-0 w-[min(22rem,100vw)] animate-slide-in border-r border-line',
} as const;

/**
 * A modal dialog in the middle, or a drawer on the left. The shade is our own element: Radix's overlay locks
 * scrolling with an inline style sheet, which the page's CSP forbids, and nothing behind it scrolls anyway.
 */
export function Dialog({ title, description, side = 'middle', onClose, children }: DialogProps) {
  const [giveFocusBack] = useState(focusReturn);
  const content = useRef<HTMLDivElement>(null);
  return (
    <Radix.Root open onOpenChange={(open) => !open && onClose?.()}>
      <Radix.Portal>
        {/* On the level of the dialogs: it also lies over one that was open before. */}
        <div className="fixed inset-0 z-50 bg-shade" aria-hidden="true" />
        <Radix.Content
          ref={content}
          className={`fixed z-50 flex flex-col bg-surface text-ink shadow-xl outline-none ${PLACES[side]}`}
          onCloseAutoFocus={() => document.activeElement === document.body && giveFocusBack()}
          onEscapeKeyDown={(event) => (!onClose || isInAnotherDialog(event.target, content.current)) && event.preventDefault()}
          onInteractOutside={(event) => (!onClose || isInToasts(event.target)) && event.preventDefault()}
          {...(description ? {} : { 'aria-describedby': undefined })}
        >
          <header className="flex min-h-15 items-center justify-between gap-2 pt-2 pr-2 pl-5">
            <Radix.Title dir="auto" className="text-head font-semibold tracking-tight">{title}</Radix.Title>
            {onClose && (
              <IconButton label="Close" onClick={onClose}>
                <CloseIcon />
              </IconButton>
            )}
          </header>
          {description && <Radix.Description className="-mt-1 px-5 pb-3 text-quiet wrap-anywhere">{description}</Radix.Description>}
          <div className="min-h-0 flex-1 overflow-y-auto px-5 pt-1 pb-[max(1.25rem,env(safe-area-inset-bottom))]">{children}</div>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

/** Radix notices a moment late that another dialog was opened above: a key pressed there is not for this one. */
const isInAnotherDialog = (target: EventTarget | null, dialog: Element | null) =>
  target instanceof Element && (target.closest('[role="dialog"]') ?? dialog) !== dialog;

/** Messages lie above dialogs: who puts one away keeps the dialog. */
const isInToasts = (target: EventTarget | null) => target instanceof Element && target.closest('[data-toasts]') !== null;

let lastOutside: HTMLElement | null = null;

/**
 * Gives the focus back to what has it now. Where that is in a dialog whose place this one takes, to what had it before
 * the first of them opened; where it is in a dialog below this one, it is still there.
 */
function focusReturn(): () => void {
  const now = document.activeElement as HTMLElement | null;
  if (!now?.closest('[role=dialog]')) lastOutside = now;
  const outside = lastOutside;
  return () => (now?.isConnected ? now : outside)?.focus();
}
