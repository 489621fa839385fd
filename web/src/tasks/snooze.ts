import type { WeekStart } from '../api/types';
import { addDays, dayOf, timeOf, weekdayOf } from './dueDates';
import type { TaskDraft } from './taskDraft';

/** After this hour nothing is put off to later on the same day. */
const LAST_HOUR = 21;
const WEEK_STARTS = ['sunday', 'monday', 'saturday'];
const WEEKDAY: Record<WeekStart, number> = { sunday: 0, monday: 1, saturday: 6 };

export interface Snooze {
  label: string;
  /** The fields of the editor that it sets. */
  texts: TaskDraft;
}

/** Where a task can be put off to at `now`, a moment on the person's clock. A time of day is kept, except for later today. */
export function snoozes(now: string, weekStart: string | undefined): Snooze[] {
  const today = dayOf(now);
  const inThreeHours = Number(timeOf(now).slice(0, 2)) + 3;
  const start = WEEKDAY[(WEEK_STARTS.includes(weekStart ?? '') ? weekStart : 'monday') as WeekStart];
  const untilNextWeek = (start - weekdayOf(today) + 7) % 7 || 7;
  return [
    ...(inThreeHours <= LAST_HOUR ? [{ label: 'Later today', texts: { date: today, time: `${String(inThreeHours).padStart(2, '0')}:00` } }] : []),
    { label: 'Tomorrow', texts: { date: addDays(today, 1) } },
    { label: 'Next week', texts: { date: addDays(today, untilNextWeek) } },
  ];
}
