import type { RefObject } from 'react';
import { SearchIcon } from '../ui/icons';
import { Segments } from '../ui/Segments';
import type { TaskFilter } from './filterTasks';

const FILTERS = [
  { value: 'all', label: 'All' },
  { value: 'open', label: 'To do' },
  { value: 'done', label: 'Done' },
] as const;

interface TaskFiltersProps {
  field: RefObject<HTMLInputElement | null>;
  filter: TaskFilter;
  search: string;
  onFilter(filter: TaskFilter): void;
  onSearch(text: string): void;
}

export function TaskFilters({ field, filter, search, onFilter, onSearch }: TaskFiltersProps) {
  return (
    <div className="flex flex-wrap gap-2">
      <div className="min-w-48 flex-1">
        <Segments label="Show" value={filter} options={FILTERS} onChange={onFilter} />
      </div>
      <label className="flex min-h-10 touch:min-h-11 min-w-28 flex-1 items-center gap-2 rounded-xl bg-sunken pl-3 text-quiet focus-within:outline-2 focus-within:outline-accent">
        <SearchIcon className="size-4 shrink-0" />
        <input
          ref={field}
          dir="auto"
          type="search"
          value={search}
          aria-label="Search your list"
          aria-keyshortcuts="Alt+S"
          placeholder="Search"
          className="h-full w-full min-w-0 bg-transparent pr-3 text-ink outline-none"
          onChange={(event) => onSearch(event.target.value)}
          onKeyDown={(event) => event.key === 'Escape' && onSearch('')}
        />
      </label>
    </div>
  );
}
