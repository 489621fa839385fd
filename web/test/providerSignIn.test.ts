import { beforeEach, expect, test, vi } from 'vitest';
import { fakeServer, json, tokenAnswer } from './fakes';

const page = Object.assign(new EventTarget(), { top: null as unknown });
const assign = vi.fn();

beforeEach(() => {
  page.top = page;
  vi.stubGlobal('window', page);
  vi.stubGlobal('location', { pathname: '/', search: '', hash: '', assign });
  vi.stubGlobal('sessionStorage', { setItem: () => {} });
  fakeServer(() => json({ auth_url: 'https://provider.example/?state=s' }));
});

/** The browser shows the page: one that it kept as it was left, or one that it has loaded. */
const show = (persisted: boolean) => page.dispatchEvent(Object.assign(new Event('pageshow'), { persisted }));

test('whoever comes back from a provider with the back button can press again', async () => {
  const { goToProvider, providerSignIn } = await import('../src/session/providerSignIn');
  await goToProvider('github');
  expect(assign).toHaveBeenCalledExactlyOnceWith('https://provider.example/?state=s');
  show(false);
  expect(providerSignIn.get().busy).toBe(true);
  show(true);
  expect(providerSignIn.get()).toEqual({ busy: false, problem: null });
});

const CONVERSATION = '11111111-1111-4111-8111-111111111111';

/** The page as it is loaded at an address, with everything that watches that. */
async function load(address: string) {
  const place = new URL(address, 'https://todo.example');
  const show = (path: string) => {
    const { pathname, search, hash } = new URL(path, place);
    vi.stubGlobal('location', { pathname, search, hash, assign });
  };
  show(address);
  const page = Object.assign(new EventTarget(), { top: null as unknown });
  page.top = page;
  vi.stubGlobal('window', page);
  vi.stubGlobal('history', { replaceState: (_state: unknown, _title: string, path: string) => show(path) });
  vi.resetModules();
  const { watchEmailLink, emailLink } = await import('../src/page/emailLink');
  const { watchRoute, route } = await import('../src/page/route');
  const { goToProvider, finishProviderRedirect } = await import('../src/session/providerSignIn');
  watchEmailLink();
  watchRoute();
  finishProviderRedirect();
  return { emailLink, route, goToProvider };
}

/** What the browser keeps of the tab while it is at the provider. */
function keepSession() {
  const kept = new Map<string, string>();
  vi.stubGlobal('sessionStorage', { setItem: (key: string, value: string) => kept.set(key, value), getItem: (key: string) => kept.get(key) ?? null, removeItem: (key: string) => kept.delete(key) });
  fakeServer(({ path }) => json(path.includes('/url') ? { auth_url: 'https://provider.example/?state=s' } : tokenAnswer(1)));
}

test('whoever comes back from a provider is at the conversation from which they went', async () => {
  keepSession();
  const before = await load(`/?list=1#/c/${CONVERSATION}`);
  await before.goToProvider('github');
  const { route } = await load('/?code=c&state=s');
  expect(route.get()).toEqual({ conversation: CONVERSATION, isNew: false });
  expect(location).toMatchObject({ pathname: '/', search: '?list=1', hash: `#/c/${CONVERSATION}` });
});

test('a link that confirms an address is still known after the way to a provider, and stands in no address', async () => {
  keepSession();
  const before = await load('/#/confirm-email?token=secret');
  expect(location.hash).toBe('');
  await before.goToProvider('github');
  const { emailLink } = await load('/?code=c&state=s');
  expect(emailLink.get()).toEqual({ kind: 'confirm-email', token: 'secret' });
  expect(location.hash).toBe('');
});
