import { useEffect, useState } from 'react';
import { CloseIcon } from '../ui/icons';
import { loadReader, readNow } from './lazyQuickEntry';

interface QuickEntryChipsProps {
  text: string;
  dismissed: ReadonlySet<string>;
  /** These words are to stay in the title. */
  onDismiss(words: string): void;
}

/** What is read out of a line before it is saved: a press leaves the words in the title instead. */
export function QuickEntryChips({ text, dismissed, onDismiss }: QuickEntryChipsProps) {
  const [, setReady] = useState(false);
  useEffect(() => {
    loadReader().then(() => setReady(true), () => {});
  }, []);
  const chips = readNow(text, dismissed)?.chips ?? [];
  if (chips.length === 0) return null;
  return (
    <ul aria-label="Read out of what you typed" className="mt-2 flex flex-wrap gap-1.5">
      {chips.map(({ words, label }) => (
        <li key={words}>
          <button
            type="button"
            aria-label={`${label}: leave “${words}” in the title`}
            title="Leave it in the title"
            onClick={() => onDismiss(words)}
            className="inline-flex min-h-8 touch:min-h-11 items-center gap-1.5 rounded-full bg-accent-soft px-3 text-small text-accent hover:text-accent-strong"
          >
            <span dir="auto">{label}</span>
            <CloseIcon className="size-3.5" />
          </button>
        </li>
      ))}
    </ul>
  );
}
