import type { Session } from '../session/session';
import { readAnswer, send } from './send';
import type { Info, TokenAnswer, Usage } from './types';

/** The calls about who one is. The first three need no session. */

const json = (method: string, body: unknown) => ({
  method,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

export interface Registration {
  email: string;
  password: string;
  name?: string;
}

export async function register(body: Registration): Promise<TokenAnswer> {
  return readAnswer(await send('/api/auth/register', json('POST', body), { replayable: false }));
}

export async function login(email: string, password: string): Promise<TokenAnswer> {
  return readAnswer(await send('/api/auth/login', json('POST', { email, password }), { replayable: true }));
}

/** What this person has used of what an account may do and keep. */
export async function usage(session: Session, userId: string): Promise<Usage> {
  return readAnswer(await session.fetch(`/api/${userId}/usage`));
}

export async function info(): Promise<Info> {
  return readAnswer(await send('/api/info', {}, { replayable: true }));
}

export async function changePassword(session: Session, current_password: string, new_password: string): Promise<void> {
  const request = json('POST', { current_password, new_password });
  const response = await session.fetch('/api/auth/password', { ...request, provesPassword: true });
  session.accept(await readAnswer<TokenAnswer>(response));
}

export async function logoutEverywhere(session: Session): Promise<void> {
  await readAnswer(await session.fetch('/api/auth/logout-everywhere', { method: 'POST', replayable: true }));
  session.forget();
}

export async function deleteAccount(session: Session, password: string): Promise<void> {
  const response = await session.fetch('/api/auth/me', { ...json('DELETE', { password }), provesPassword: true });
  await readAnswer(response);
  session.forget();
}
