import { isUndo } from '../api/changeApi';
import type { Change } from '../api/types';
import { changeAuthor } from '../tasks/changeAuthor';
import { dayInWords, onClock } from '../tasks/dueDates';

const WORDS: Record<Change['kind'], string> = {
  added: 'Added',
  updated: 'Changed',
  completed: 'Ticked off',
  reopened: 'Put back',
  repeated: 'Done once',
  deleted: 'Deleted',
  restored: 'Brought back',
};

/** One word for what was done. */
export const changeLabel = ({ kind }: Pick<Change, 'kind'>): string => WORDS[kind] ?? 'Changed';

/** What was done, by whom and when, and whether it took back something or was taken back. */
export function changeSummary(change: Change): string {
  const time = new Date(change.at).toLocaleTimeString(undefined, { hour: 'numeric', minute: '2-digit' });
  const by = changeAuthor(change);
  const parts = [`${changeLabel(change)} ${by.charAt(0).toLowerCase()}${by.slice(1)}`, time];
  if (isUndo(change)) parts.push('to undo what was done before');
  if (change.undone_by) parts.push('undone since');
  return parts.join(' · ');
}

export interface ChangeDay {
  day: string;
  label: string;
  changes: Change[];
}

/** Changes by the person's days, the newest first, at `now` on their clock. */
export function byDay(changes: Change[], now: string): ChangeDay[] {
  const days = new Map<string, Change[]>();
  for (const change of [...changes].sort((a, b) => b.id - a.id)) {
    const day = onClock(new Date(change.at)).slice(0, 10);
    days.set(day, [...(days.get(day) ?? []), change]);
  }
  return [...days].sort(([a], [b]) => b.localeCompare(a)).map(([day, some]) => ({ day, label: dayInWords(day, now), changes: some }));
}
