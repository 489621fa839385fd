import { expect, test, vi } from 'vitest';
import { register } from '../src/api/account';
import { send } from '../src/api/send';
import { ChatTransport } from '../src/chat/chatTransport';
import { Session } from '../src/session/session';
import { inMemoryStorage } from '../src/storage';
import { fakeServer, json, tokenAnswer } from './fakes';

function be(timeZone: string) {
  const options = Intl.DateTimeFormat().resolvedOptions();
  vi.spyOn(Intl.DateTimeFormat.prototype, 'resolvedOptions').mockReturnValue({ ...options, timeZone });
}

test('every request says where the person is, and so do registering and the chat', async () => {
  be('Asia/Kathmandu');
  const stream = () => new Response('data: [DONE]\n\n', { headers: { 'content-type': 'text/event-stream' } });
  const calls = fakeServer(({ path }) => (path.includes('stream') ? stream() : path.includes('register') ? json(tokenAnswer(1)) : json({})));
  await send('/api/info', { headers: { 'if-none-match': '"1"' } }, { replayable: true });
  expect(calls[0]!.headers.get('time-zone')).toBe('Asia/Kathmandu');
  expect(calls[0]!.headers.get('if-none-match')).toBe('"1"');

  const session = new Session(inMemoryStorage());
  session.accept(await register({ email: 'mira@example.com', password: 'correct horse' }));
  expect(calls[1]!.body).toMatchObject({ email: 'mira@example.com', time_zone: 'Asia/Kathmandu' });

  const events = { started() {}, toolDone() {}, conversation() {}, effects() {}, approval() {}, finished() {} };
  const message = { id: 'm-1', role: 'user' as const, parts: [{ type: 'text' as const, text: 'Hello' }] };
  await new ChatTransport(session, 'u-1', events).sendMessages({ trigger: 'submit-message', chatId: 'c-1', messageId: undefined, messages: [message], abortSignal: undefined });
  expect(calls[2]!.body).toMatchObject({ id: 'c-1', time_zone: 'Asia/Kathmandu' });
  expect(calls[2]!.headers.get('time-zone')).toBe('Asia/Kathmandu');
});

test('a browser that does not know where it is says nothing', async () => {
  be('Etc/Unknown');
  const calls = fakeServer(() => json({}));
  await send('/api/info', {}, { replayable: true });
  expect(calls[0]!.headers.has('time-zone')).toBe(false);
});
