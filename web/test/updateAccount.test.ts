import { expect, test, vi } from 'vitest';
import { updateAccount } from '../src/api/account';
import { SignedOut } from '../src/api/apiErrors';
import { Session } from '../src/session/session';
import { inMemoryStorage } from '../src/storage';
import { fakeServer, json, problem, tokenAnswer, user } from './fakes';

test('what is chosen of the account goes out in its order, also after one that is refused', async () => {
  const session = new Session(inMemoryStorage(), (work) => work());
  session.accept(tokenAnswer(1));
  const answers: Array<(response: Response) => void> = [];
  const calls = fakeServer(() => new Promise((resolve) => answers.push(resolve)));
  const [first, second, third] = (['Europe/Berlin', 'Asia/Tokyo', 'UTC'] as const).map((time_zone) => updateAccount(session, { time_zone }));
  await vi.waitFor(() => expect(calls).toHaveLength(1));
  answers[0]!(problem(422, 'invalid'));
  await expect(first).rejects.toThrow('No.');
  await vi.waitFor(() => expect(calls).toHaveLength(2));
  await new Promise((resolve) => setTimeout(resolve));
  expect(calls).toHaveLength(2);
  answers[1]!(json({ ...user, time_zone: 'Asia/Tokyo' }));
  await second;
  await vi.waitFor(() => expect(calls).toHaveLength(3));
  answers[2]!(json(user));
  await third;
  expect(calls.map(({ body }) => body)).toEqual([{ time_zone: 'Europe/Berlin' }, { time_zone: 'Asia/Tokyo' }, { time_zone: 'UTC' }]);
});

test('what waits is not sent for whoever has signed in meanwhile', async () => {
  const session = new Session(inMemoryStorage(), (work) => work());
  session.accept(tokenAnswer(1));
  let answer: (response: Response) => void = () => {};
  const calls = fakeServer(() => new Promise((resolve) => (answer = resolve)));
  const first = updateAccount(session, { week_start: 'sunday' });
  const second = updateAccount(session, { week_start: 'monday' });
  await vi.waitFor(() => expect(calls).toHaveLength(1));
  session.accept(tokenAnswer(9, { user: { ...user, id: 'u-2' } }));
  answer(json(user));
  await first;
  await expect(second).rejects.toThrow(SignedOut);
  expect(calls).toHaveLength(1);
  expect(session.person()?.id).toBe('u-2');
});
