import { useEffect, useState } from 'react';
import { sentence } from '../api/apiErrors';

export interface Fetched<T> {
  /** Nothing until they are here. */
  items: T[] | null;
  problem: string | null;
  /** Shows at once what the server has just done, and asks it again: an answer that was on its way is older than that. */
  change(next: (items: T[]) => T[]): void;
  again(): void;
}

/** A list that is asked for when it is first shown, and again on request; what is shown stays meanwhile. */
export function useFetched<T>(ask: () => Promise<T[]>): Fetched<T> {
  const [items, setItems] = useState<T[] | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [count, setCount] = useState(0);
  useEffect(() => {
    let current = true;
    ask().then(
      (found) => current && (setItems(found), setProblem(null)),
      (error: unknown) => current && setProblem(sentence(error)),
    );
    return () => {
      current = false;
    };
  }, [ask, count]);
  const again = () => setCount((before) => before + 1);
  return {
    items,
    problem,
    change: (next) => {
      setItems((before) => next(before ?? []));
      again();
    },
    again,
  };
}
