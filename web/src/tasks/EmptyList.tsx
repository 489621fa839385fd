import { Button } from '../ui/Button';
import type { ListView } from '../page/listView';

interface EmptyListProps {
  hasTasks: boolean;
  view: ListView;
  search: string;
  tag: string | null;
  onExample(text: string): void;
  onShowAll(): void;
}

const REASONS = { today: 'Nothing is due today.', upcoming: 'Nothing is planned.', all: 'Nothing here.', done: 'Nothing is done yet.' } as const;
const EXAMPLE = 'Add two tasks: buy milk and water the plants';

/** Why the list is empty, and what to do about it. */
export function EmptyList({ hasTasks, view, search, tag, onExample, onShowAll }: EmptyListProps) {
  if (hasTasks) {
    const reason = search.trim() ? `Nothing matches “${search.trim()}”.` : tag !== null ? `Nothing here has the tag #${tag}.` : REASONS[view];
    return (
      <div className="px-4 py-10 text-center text-quiet">
        <p>{reason}</p>
        {(search.trim() || tag !== null || view !== 'all') && (
          <Button kind="quiet" className="mt-2" onClick={onShowAll}>
            Show all
          </Button>
        )}
      </div>
    );
  }
  return (
    <div className="px-4 py-8 text-center">
      <p className="font-medium">Nothing here yet</p>
      <p className="mt-1 text-quiet">Type a task above, or ask for it:</p>
      <button
        type="button"
        onClick={() => onExample(EXAMPLE)}
        className="mt-4 min-h-11 text-balance rounded-2xl border border-line bg-surface px-4 py-2.5 transition-colors hover:border-accent hover:bg-accent-soft"
      >
        “{EXAMPLE}”
      </button>
    </div>
  );
}
