import { expect, test } from 'vitest';
import { decideAuthorization, readProgramRequest } from '../src/api/oauthApi';
import type { ProgramRequest } from '../src/api/types';
import { clientIdentityOf } from '../src/consent/clientIdentity';
import { Session } from '../src/session/session';
import { inMemoryStorage } from '../src/storage';
import { fakeServer, json, problem, tokenAnswer } from './fakes';

const asked = (more: Partial<ProgramRequest>, client_id = 'https://agent.example/client.json'): ProgramRequest => ({
  client: { client_id, name: 'Agent', uri: null }, redirect_host: 'agent.example', redirect_is_local: false, scopes: ['tasks:read'], resource: 'https://todos.example.com/mcp', ...more,
});

test('whose document is where the browser goes back to needs no warning', () => {
  expect(clientIdentityOf(asked({}))).toEqual({ place: 'agent.example', warning: null });
});

test.each([
  ['registered itself', asked({}, '0193e2a4-9c02-7e55-a0a1-1f2e3d4c5b60')],
  ['has its document elsewhere', asked({}, 'https://agent.example.evil.example/client.json')],
  ['has it where nobody is known for sure', asked({}, 'http://agent.example/client.json')],
])('who %s may call itself anything', (_, request) => {
  expect(clientIdentityOf(request)).toEqual({ place: 'agent.example', warning: expect.stringMatching(/^“Agent” is what it calls itself, .* goes to agent\.example: /) });
});

test('of a program on this device nobody knows more than the person, whatever document it has', () => {
  const local = clientIdentityOf(asked({ redirect_host: 'localhost:6274', redirect_is_local: true }));
  expect(local).toEqual({ place: 'A program on this device', warning: expect.stringContaining('only if you have just begun') });
});

test('the request goes along as it came, with what was ticked', async () => {
  const query = 'client_id=x&redirect_uri=http%3A%2F%2Flocalhost%3A1%2F%3Fa%3Db&state=a+b';
  const calls = fakeServer(({ method }) => json(method === 'POST' ? { redirect_to: 'http://localhost:1/?code=c' } : asked({})));
  expect(await readProgramRequest(query)).toEqual(asked({}));
  expect(calls[0]).toMatchObject({ path: `/api/oauth/authorization?${query}`, token: null });
  const session = new Session(inMemoryStorage(), (work) => work());
  session.accept(tokenAnswer(1));
  expect(await decideAuthorization(session, 'u-1', query, ['tasks:read'])).toBe('http://localhost:1/?code=c');
  expect(await decideAuthorization(session, 'u-1', query, [])).toBe('http://localhost:1/?code=c');
  expect(calls.slice(1).map(({ path, body }) => [path, body])).toEqual([
    ['/api/u-1/oauth/authorizations', { request: query, approved: true, scopes: ['tasks:read'] }],
    ['/api/u-1/oauth/authorizations', { request: query, approved: false, scopes: [] }],
  ]);
  fakeServer(() => problem(400, 'bad_request', 'The program asks for nothing that there is.'));
  await expect(readProgramRequest(query)).rejects.toThrow('The program asks for nothing that there is.');
});
