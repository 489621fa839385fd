import { ownTimeZone } from '../api/timeZone';
import type { Task } from '../api/types';

/** Days are `2026-11-27`, moments on a clock `2026-11-27T09:00`: both compare as text. */
const DAY_MS = 86_400_000;
const WEEKDAYS = 'Sun Mon Tue Wed Thu Fri Sat'.split(' ');
const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

/** What the person's clock shows at this instant. */
export function onClock(instant: Date): string {
  const two = (number: number) => String(number).padStart(2, '0');
  const day = `${String(instant.getFullYear()).padStart(4, '0')}-${two(instant.getMonth() + 1)}-${two(instant.getDate())}`;
  return `${day}T${two(instant.getHours())}:${two(instant.getMinutes())}`;
}

export const dayOf = (moment: string) => moment.slice(0, 10);
/** The time of day; nothing for a whole day. */
export const timeOf = (moment: string) => moment.slice(11, 16);

export function addDays(day: string, count: number): string {
  return new Date(Date.parse(dayOf(day)) + count * DAY_MS).toISOString().slice(0, 10);
}

/** 0 for Sunday. */
export const weekdayOf = (day: string) => new Date(Date.parse(dayOf(day))).getUTCDay();

/** When a task is due on the person's own clock. A day without a time is the same day everywhere. */
export function localDue({ due, due_at, due_time_zone }: Pick<Task, 'due' | 'due_at' | 'due_time_zone'>): string | null {
  return due && due_at && due_time_zone !== ownTimeZone() ? onClock(new Date(due_at)) : due;
}

/** Whether it should have been done by `now`, a moment on the same clock. */
export function isLate(due: string, now: string): boolean {
  return timeOf(due) ? due < now : due < dayOf(now);
}

/** `Today`, `Tomorrow`, `Fri 27 Nov`; with the year when it is another one. */
export function dayInWords(day: string, now: string): string {
  const today = dayOf(now);
  const near = [-1, 0, 1].find((count) => addDays(today, count) === dayOf(day));
  if (near !== undefined) return ['Yesterday', 'Today', 'Tomorrow'][near + 1]!;
  const [year, month, date] = dayOf(day).split('-').map(Number) as [number, number, number];
  return `${WEEKDAYS[weekdayOf(day)]} ${date} ${MONTHS[month - 1]}${year === Number(today.slice(0, 4)) ? '' : ` ${year}`}`;
}

/** `Tomorrow, 9:00`. */
export function dueInWords(due: string, now: string): string {
  const time = timeOf(due).replace(/^0/, '');
  return dayInWords(due, now) + (time && `, ${time}`);
}
