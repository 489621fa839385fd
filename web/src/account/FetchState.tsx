import { Button } from '../ui/Button';

interface FetchStateProps {
  items: unknown[] | null;
  problem: string | null;
  /** What is said of an empty list. */
  none: string;
  onAgain(): void;
}

/** What is to be said of a list that is on its way, empty, or could not be fetched. */
export function FetchState({ items, problem, none, onAgain }: FetchStateProps) {
  const state = problem ?? (items === null ? 'Looking…' : items.length === 0 ? none : '');
  return (
    <>
      <p role="status" className={state ? 'text-small text-quiet' : 'sr-only'}>
        {state}
      </p>
      {problem && <Button onClick={onAgain}>Try again</Button>}
    </>
  );
}
