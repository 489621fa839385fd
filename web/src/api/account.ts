import type { Session } from '../session/session';
import { ApiError, SignedOut } from './apiErrors';
import { jsonRequest, readAnswer, send } from './send';
import { ownTimeZone } from './timeZone';
import type { Info, ProviderName, Schemas, TokenAnswer, Usage, User } from './types';

/** The calls about the account itself: register, sign in, read, change and delete it. Those without a `session` need none. */

/** The password of the person who is signed in was not this one. */
export class WrongPassword extends Error {
  override name = 'WrongPassword';
  constructor() {
    super('The current password is wrong.');
  }
}

export async function register(body: Schemas['Registration']): Promise<TokenAnswer> {
  return readAnswer(await send('/api/auth/register', jsonRequest<'Registration'>('POST', { ...body, time_zone: ownTimeZone() }), { replayable: false }));
}

export async function login(email: string, password: string): Promise<TokenAnswer> {
  return readAnswer(await send('/api/auth/login', jsonRequest<'Credentials'>('POST', { email, password }), { replayable: true }));
}

/** Signs the same person in again, of whom only the password is asked. */
export async function reauthenticate(email: string, password: string): Promise<TokenAnswer> {
  return aboutPassword(login(email, password));
}

/** Where the browser is to go to sign in with a provider. */
export async function beginProviderSignIn(provider: ProviderName): Promise<Schemas['ProviderAddress']> {
  return readAnswer(await send(`/api/auth/${provider}/url`, {}, { replayable: true }));
}

/** Signs in with what the browser has brought back from there. */
export async function finishProviderSignIn(provider: ProviderName, code: string, state: string): Promise<TokenAnswer> {
  const request = jsonRequest<'ProviderCallback'>('POST', { code, state, time_zone: ownTimeZone() });
  return readAnswer(await send(`/api/auth/${provider}/callback`, request, { replayable: false }));
}

/** Wants a link to another password mailed; returns what the server says to that, whoever it is. */
export async function forgotPassword(email: string): Promise<string> {
  const answer = await send('/api/auth/forgot-password', jsonRequest<'ForgotPasswordRequest'>('POST', { email }), { replayable: false });
  return (await readAnswer<Schemas['MailAccepted']>(answer)).message;
}

/** Sets another password with the token of a link. */
export async function resetPassword(token: string, new_password: string): Promise<void> {
  const request = jsonRequest<'PasswordReset'>('POST', { token, new_password });
  await readAnswer(await send('/api/auth/reset-password', request, { replayable: false }));
}

/** Wants the link that confirms one's address mailed again; returns what the server says to that. */
export async function sendConfirmation(session: Session): Promise<string> {
  const answer = await session.fetch('/api/auth/send-confirmation', { method: 'POST' });
  return (await readAnswer<Schemas['MailAccepted']>(answer)).message;
}

/** Confirms one's address with the token of a link. */
export async function confirmEmail(session: Session, token: string): Promise<void> {
  const answer = await session.fetch('/api/auth/confirm-email', { ...jsonRequest<'LinkToken'>('POST', { token }), replayable: true });
  session.updateUser(await readAnswer<User>(answer));
}

export async function fetchUser(session: Session): Promise<User> {
  return readAnswer(await session.fetch('/api/auth/me'));
}

/** What this person has used of what an account may do and keep. */
export async function usage(session: Session, userId: string): Promise<Usage> {
  return readAnswer(await session.fetch(`/api/${userId}/usage`));
}

export async function info(): Promise<Info> {
  return readAnswer(await send('/api/info', {}, { replayable: true }));
}

let lastChange: Promise<unknown> = Promise.resolve();

/** Changes what the account says of the person; returns them as they are now. A quick second change never overtakes the first. */
export function updateAccount(session: Session, change: Schemas['AccountChange']): Promise<User> {
  const who = session.person()?.id;
  const work = () => {
    // Somebody else may have signed in while it waited.
    if (session.person()?.id !== who) throw new SignedOut();
    return sendChange(session, change);
  };
  const sent = lastChange.then(work, work);
  lastChange = sent;
  return sent;
}

async function sendChange(session: Session, change: Schemas['AccountChange']): Promise<User> {
  const user = await readAnswer<User>(await session.fetch('/api/auth/me', { ...jsonRequest<'AccountChange'>('PATCH', change), replayable: true }));
  session.updateUser(user);
  return user;
}

/** An account without a password needs no current one, shortly after signing in. */
export async function changePassword(session: Session, current_password: string | undefined, new_password: string): Promise<void> {
  const request = jsonRequest<'PasswordChange'>('POST', { current_password, new_password });
  const response = await session.fetch('/api/auth/password', { ...request, provesPassword: true });
  session.accept(await aboutPassword(readAnswer<TokenAnswer>(response)));
}

export async function logoutEverywhere(session: Session): Promise<void> {
  await readAnswer(await session.fetch('/api/auth/logout-everywhere', { method: 'POST', replayable: true }));
  session.forget();
}

export async function deleteAccount(session: Session, password: string | undefined): Promise<void> {
  const request = jsonRequest<'PasswordConfirmation'>('DELETE', { password });
  // It may take half a minute, and a second one would find no account.
  const response = await session.fetch('/api/auth/me', { ...request, replayable: false, provesPassword: true });
  await aboutPassword(readAnswer(response));
  session.forget();
}

/** The server says the same of a wrong email and a wrong password; where only the password was asked for, it was that. */
async function aboutPassword<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw error instanceof ApiError && error.code === 'wrong_credentials' ? new WrongPassword() : error;
  }
}
