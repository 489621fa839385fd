import type { RefObject } from 'react';
import type { ListSort } from '../page/listSort';
import { SearchIcon } from '../ui/icons';
import { Segments } from '../ui/Segments';
import type { ListView } from '../page/listView';

const VIEWS = [
  { value: 'today', label: 'Today' },
  { value: 'upcoming', label: 'Upcoming' },
  { value: 'all', label: 'All' },
  { value: 'done', label: 'Done' },
] as const;

const SORTS: ReadonlyArray<[ListSort, string]> = [
  ['day', 'By day'],
  ['hand', 'By hand'],
  ['priority', 'By priority'],
  ['newest', 'Newest first'],
];

interface TaskFiltersProps {
  field: RefObject<HTMLInputElement | null>;
  view: ListView;
  search: string;
  sort: ListSort;
  /** Every tag of the list, and the one that is shown alone. */
  tags: string[];
  tag: string | null;
  onView(view: ListView): void;
  onSearch(text: string): void;
  onSort(sort: ListSort): void;
  onTag(tag: string | null): void;
}

export function TaskFilters({ field, view, search, sort, tags, tag, onView, onSearch, onSort, onTag }: TaskFiltersProps) {
  return (
    <div className="flex flex-wrap gap-2">
      <div className="min-w-68 flex-1">
        <Segments label="Show" value={view} options={VIEWS} onChange={onView} />
      </div>
      {view !== 'done' && (
        <select aria-label="Order of the list" value={sort} onChange={(event) => onSort(event.target.value as ListSort)} className={SELECT}>
          {SORTS.map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
      )}
      {(tags.length > 0 || tag !== null) && (
        <select aria-label="Only with the tag" value={tag ?? ''} onChange={(event) => onTag(event.target.value || null)} className={SELECT}>
          <option value="">Every tag</option>
          {tags.map((name) => (
            <option key={name} value={name}>{`#${name}`}</option>
          ))}
        </select>
      )}
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

const SELECT = 'min-h-9 touch:min-h-11 min-w-0 max-w-40 truncate rounded-xl bg-transparent px-1 text-small text-quiet hover:text-ink';
