import type { Session } from '../session/session';
import { API_BASE, readAnswer } from './send';
import type { Schemas } from './types';

/** The calls about the calendar in which other programs show a person's tasks. */

const path = (userId: string) => `/api/${userId}/calendar`;

export async function hasCalendar(session: Session, userId: string): Promise<boolean> {
  return (await readAnswer<Schemas['CalendarStatus']>(await session.fetch(path(userId)))).active;
}

/** Makes an address for the calendar, in place of the one there was. It is told this once. */
export async function renewCalendar(session: Session, userId: string): Promise<string> {
  const answer = await session.fetch(path(userId), { method: 'POST', replayable: true });
  const { url } = await readAnswer<Schemas['CalendarAddress']>(answer);
  return new URL(url, API_BASE || window.location.origin).href;
}

export async function turnOffCalendar(session: Session, userId: string): Promise<void> {
  await readAnswer(await session.fetch(path(userId), { method: 'DELETE', replayable: true }));
}
