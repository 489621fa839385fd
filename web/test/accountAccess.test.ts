import { expect, test } from 'vitest';
import { connectionText, isExpired, tokenLifetimeText, linkedText, deviceSessionText } from '../src/account/accessTimes';
import { deviceName } from '../src/account/deviceName';
import { scopesInWords } from '../src/account/scopeLabels';
import { accountAccessApi } from '../src/api/accountAccessApi';
import type { AccessToken, Scope } from '../src/api/types';
import { Session } from '../src/session/session';
import { inMemoryStorage } from '../src/storage';
import { fakeServer, json, problem, tokenAnswer } from './fakes';

const NOW = new Date(2026, 10, 28, 12);
const day = (month: number, date: number, year = 2026) => new Date(year, month - 1, date, 9).toISOString();
const token: AccessToken = { id: 't-1', name: 'backup', scopes: ['tasks:read'], created_at: day(11, 28), last_used_at: null, expires_at: null };

function api() {
  const session = new Session(inMemoryStorage(), (work) => work());
  session.accept(tokenAnswer(1));
  return accountAccessApi(session, 'u-1');
}

test.each([
  ['Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0', 'Firefox on Linux'],
  ['Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36', 'Chrome on Windows'],
  ['Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0', 'Edge on Windows'],
  ['Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Safari/605.1.15', 'Safari on macOS'],
  ['Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Mobile/15E148 Safari/604.1', 'Safari on iPhone'],
  ['Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/142.0.7444.77 Mobile/15E148 Safari/604.1', 'Chrome on iPhone'],
  ['Mozilla/5.0 (Linux; Android 16; SM-S931B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/29.0 Chrome/136.0.0.0 Mobile Safari/537.36', 'Samsung Internet on Android'],
  ['Mozilla/5.0 (Android 16; Mobile; rv:145.0) Gecko/145.0 Firefox/145.0', 'Firefox on Android'],
  ['Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36', 'Chrome on ChromeOS'],
  ['Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/142.0.0.0 Safari/537.36', 'Chrome on Linux'],
])('%s has a short name', (userAgent, name) => {
  expect(deviceName(userAgent)).toEqual({ name, raw: null });
});

test.each([
  ['curl/8.14.1', 'curl'],
  ['python-requests/2.32.5', 'python-requests'],
  ['Mozilla/5.0 (X11; Linux x86_64) Ladybird/1.0', 'Unknown browser on Linux'],
  ['Mozilla/5.0 (Plan9) Firefox/145.0', 'Firefox'],
  ['Mozilla/5.0', 'Unknown device'],
  ['<b>hello</b>', 'Unknown device'],
  [`${'x'.repeat(200)}/1`, 'Unknown device'],
])('of %s the raw text is kept', (userAgent, name) => {
  expect(deviceName(userAgent)).toEqual({ name, raw: userAgent });
});

test('who said nothing of itself is unknown', () => {
  expect([deviceName(null), deviceName('')]).toEqual([{ name: 'Unknown device', raw: null }, { name: 'Unknown device', raw: null }]);
});

test('scopes are said in words, also one that this page does not know', () => {
  expect(scopesInWords(['tasks:read'])).toBe('May see tasks');
  expect(scopesInWords(['tasks:read', 'tasks:write', 'chat'])).toBe('May see tasks, change tasks and talk to the assistant');
  expect(scopesInWords(['tasks:read', 'files' as Scope])).toBe('May see tasks and files');
});

test('the life of a token: made, used, and its end', () => {
  expect(tokenLifetimeText(token, NOW)).toMatch(/^Made today, \S.* · never used · does not expire$/);
  const long = new Date(day(2, 27, 2027)).toLocaleDateString(undefined, { day: 'numeric', month: 'long', year: 'numeric' });
  expect(tokenLifetimeText({ ...token, last_used_at: day(11, 27), expires_at: day(2, 27, 2027) }, NOW)).toMatch(new RegExp(` · last used yesterday · expires on ${long}$`));
  expect(tokenLifetimeText({ ...token, expires_at: day(11, 27) }, NOW)).toMatch(/ · expired on \S/);
  expect([null, day(11, 27), day(11, 29)].map((expires_at) => isExpired({ expires_at }, NOW))).toEqual([false, true, false]);
});

test('the stay of a device keeps the big letters of days and months', () => {
  const device = { id: 's-1', user_agent: null, created_at: day(11, 25), last_used_at: day(11, 28), current: false };
  const weekday = new Date(device.created_at).toLocaleDateString(undefined, { weekday: 'long' });
  expect(deviceSessionText(device, NOW)).toMatch(new RegExp(`^Signed in ${weekday} · last seen today, \\S`));
});

test('since when a program is connected, and one signs in with a provider', () => {
  expect(connectionText({ created_at: day(11, 27), last_used_at: day(11, 28) }, NOW)).toMatch(/^Connected yesterday · last used today, \S/);
  expect(linkedText({ provider: 'github', linked_at: day(11, 27) }, NOW)).toBe('since yesterday');
});

test('connected programs and providers are listed and let go, also those that are gone already', async () => {
  const calls = fakeServer(({ method, path }) => (method === 'DELETE' ? problem(404, path.includes('grants') ? 'grant_not_found' : 'identity_not_found') : json({ grants: [], identities: [] })));
  const access = api();
  expect([await access.programs(), await access.providers()]).toEqual([[], []]);
  await access.disconnect('g-1');
  await access.giveUp('google');
  expect(calls.map(({ method, path }) => `${method} ${path}`)).toEqual(['GET /api/u-1/oauth/grants', 'GET /api/u-1/identities', 'DELETE /api/u-1/oauth/grants/g-1', 'DELETE /api/u-1/identities/google']);
  fakeServer(() => problem(409, 'last_way_to_sign_in', 'This is your only way to sign in.'));
  await expect(access.giveUp('google')).rejects.toThrow('This is your only way to sign in.');
});

test('the calls, and what is said about no end', async () => {
  const calls = fakeServer(({ method, path }) => (method === 'DELETE' ? new Response(null, { status: 204 }) : method === 'POST' ? json({ ...token, token: 'tdo_pat_x' }, 201) : json(path.endsWith('tokens') ? { tokens: [token] } : { sessions: [] })));
  const access = api();
  expect(await access.tokens()).toEqual([token]);
  expect(await access.devices()).toEqual([]);
  expect((await access.create({ name: 'backup', scopes: ['tasks:read'], expires_in_days: null })).token).toBe('tdo_pat_x');
  await access.revoke('t-1');
  await access.signOut('s-1');
  expect(calls.map(({ method, path }) => `${method} ${path}`)).toEqual(['GET /api/u-1/tokens', 'GET /api/u-1/sessions', 'POST /api/u-1/tokens', 'DELETE /api/u-1/tokens/t-1', 'DELETE /api/u-1/sessions/s-1']);
  expect(calls[2]!.body).toEqual({ name: 'backup', scopes: ['tasks:read'], expires_in_days: null });
});

test('what is gone already is gone; anything else is a problem', async () => {
  fakeServer(({ path }) => problem(404, path.includes('tokens') ? 'token_not_found' : 'session_not_found'));
  await api().revoke('t-1');
  await api().signOut('s-1');
  fakeServer(() => problem(404, 'route_not_found', 'There is no such page.'));
  await expect(api().revoke('t-1')).rejects.toThrow('There is no such page.');
});

test('a token whose answer was lost is not asked for again: there might be two', async () => {
  const calls = fakeServer(() => {
    throw new TypeError('network error');
  });
  await expect(api().create({ name: 'backup', scopes: ['chat'], expires_in_days: 30 })).rejects.toThrow('cannot be reached');
  expect(calls).toHaveLength(1);
});
