import { beforeEach, expect, test, vi } from 'vitest';
import { confirmByLink } from '../src/account/useEmailConfirmation';
import { emailLink, hashToReturn } from '../src/page/emailLink';
import { Session } from '../src/session/session';
import { inMemoryStorage } from '../src/storage';
import { held } from './chatFixture';
import { fakeServer, json, problem, tokenAnswer, user } from './fakes';

const link = { kind: 'confirm-email', token: 'secret' } as const;

beforeEach(() => emailLink.set({ ...link }));

/** Somebody who came by the link, and a server that takes its time. */
function arrive() {
  const session = new Session(inMemoryStorage(), (work) => work());
  session.accept(tokenAnswer(1));
  const answering = held<Response>();
  return { session, answering, calls: fakeServer(() => answering.promise) };
}

test('the link is kept until the address is confirmed, so that signing in again does not lose it', async () => {
  const { session, answering } = arrive();
  confirmByLink(session, emailLink.get());
  expect(hashToReturn()).toBe('#/confirm-email?token=secret');
  answering.release(json(user));
  await vi.waitFor(() => expect(emailLink.get()).toBeNull());
});

test('a link that is refused is used up as well', async () => {
  const { session, answering } = arrive();
  confirmByLink(session, emailLink.get());
  answering.release(problem(422, 'link_invalid'));
  await vi.waitFor(() => expect(emailLink.get()).toBeNull());
});

test('while it is on its way it is not sent again', async () => {
  const { session, answering, calls } = arrive();
  confirmByLink(session, emailLink.get());
  confirmByLink(session, emailLink.get());
  await vi.waitFor(() => expect(calls).toHaveLength(1));
  answering.release(json(user));
  await vi.waitFor(() => expect(emailLink.get()).toBeNull());
  expect(calls).toHaveLength(1);
});

test('a second link that is opened meanwhile is used, too', async () => {
  const { session, answering, calls } = arrive();
  confirmByLink(session, emailLink.get());
  emailLink.set({ ...link, token: 'newer' });
  answering.release(json(user));
  await vi.waitFor(() => expect(calls).toHaveLength(1));
  await Promise.resolve();
  expect(emailLink.get()?.token).toBe('newer');
  fakeServer(() => json(user));
  confirmByLink(session, emailLink.get());
  await vi.waitFor(() => expect(emailLink.get()).toBeNull());
});
