import { useEffect, useRef, useState } from 'react';
import { useStore } from '../store';
import { IconButton } from '../ui/Button';
import { CloseIcon } from '../ui/icons';
import type { Pane } from './PhoneTabs';
import { closeToast, toasts, type Toast } from '../page/toasts';

const SECONDS = 7;

/**
 * Short messages above everything: on a phone above the message field, or at the end of the list. How high they are
 * is in `--toasts`, so that the list can be scrolled so far that they cover nothing of it.
 */
export function Toasts({ pane }: { pane: Pane }) {
  const shown = useStore(toasts);
  const section = useRef<HTMLElement>(null);
  useEffect(() => {
    const box = section.current;
    if (!box) return;
    const root = document.documentElement.style;
    const measured = new ResizeObserver(() => root.setProperty('--toasts', `${box.offsetHeight}px`));
    measured.observe(box);
    return () => {
      measured.disconnect();
      root.removeProperty('--toasts');
    };
  }, []);
  const place = pane === 'list' ? 'bottom-[calc(3.75rem+env(safe-area-inset-bottom))]' : 'bottom-[calc(8.75rem+env(safe-area-inset-bottom))]';
  return (
    <section ref={section} data-toasts aria-label="Messages" className={`pointer-events-none fixed inset-x-0 ${place} z-70 flex flex-col items-center gap-2 px-3 md:left-auto md:bottom-4 md:w-80 lg:w-100`}>
      {shown.map((one) => (
        <ToastView key={one.id} toast={one} />
      ))}
    </section>
  );
}

function ToastView({ toast }: { toast: Toast }) {
  const [held, setHeld] = useState(false);
  useEffect(() => {
    if (held) return;
    const timer = setTimeout(() => closeToast(toast.id, 'gone'), SECONDS * 1000);
    return () => clearTimeout(timer);
  }, [held, toast.id]);

  return (
    <div
      className="pointer-events-auto flex max-w-full animate-appear items-center gap-1 rounded-2xl bg-ink py-1 pr-1 pl-4 text-paper shadow-lg"
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
    >
      <p dir="auto" className="min-w-0 py-1.5 wrap-anywhere">{toast.text}</p>
      {toast.action && (
        <button type="button" className="ml-1 min-h-10 touch:min-h-11 rounded-xl px-3 font-semibold underline-offset-4 hover:underline focus-visible:outline-paper" onClick={() => closeToast(toast.id, 'acted')}>
          {toast.action.label}
        </button>
      )}
      <IconButton label="Close message" className="text-paper hover:bg-transparent hover:text-paper focus-visible:outline-paper" onClick={() => closeToast(toast.id, 'gone')}>
        <CloseIcon className="size-4" />
      </IconButton>
    </div>
  );
}
