import { beginProviderSignIn, finishProviderSignIn } from '../api/account';
import { sentence } from '../api/apiErrors';
import type { ProviderName } from '../api/types';
import { hashToReturn } from '../page/emailLink';
import { isAuthorizePath } from '../page/isAuthorizePath';
import { createStore } from '../store';
import { session } from './currentSession';

/** Signing in with a provider: the way there and back leaves the page, and nothing but this is kept. */
export interface ProviderSignIn {
  busy: boolean;
  problem: string | null;
}

export const providerSignIn = createStore<ProviderSignIn>({ busy: false, problem: null });

/** What was sent along, to be compared with what comes back: a stranger's answer would sign one in to the stranger's account. */
const SENT = 'todo-chat.provider';

interface Sent {
  provider: ProviderName;
  state: string | null;
  /** Where the person was, to be there again. */
  from: string;
}

export const PROVIDER_LABELS: Record<ProviderName, string> = { google: 'Google', github: 'GitHub' };

const failed = (problem: string) => providerSignIn.set({ busy: false, problem });

/** Goes to the provider. Providers show themselves in no frame, so from inside one the page first gets a tab of its own. */
export async function goToProvider(provider: ProviderName): Promise<void> {
  if (window.top !== window) {
    window.open(location.href, '_blank', 'noopener');
    return;
  }
  providerSignIn.set({ busy: true, problem: null });
  try {
    const { auth_url } = await beginProviderSignIn(provider);
    const state = new URL(auth_url).searchParams.get('state');
    sessionStorage.setItem(SENT, JSON.stringify({ provider, state, from: location.pathname + location.search + hashToReturn() } satisfies Sent));
    window.addEventListener('pageshow', endWhenBack);
    location.assign(auth_url);
  } catch (error) {
    failed(sentence(error));
  }
}

/** With its back button the browser may show this very page again, as it was left. */
function endWhenBack({ persisted }: PageTransitionEvent): void {
  if (persisted) providerSignIn.set({ busy: false, problem: null });
}

/** Takes what a provider has sent back out of the address, and signs in with it. */
export function finishProviderRedirect(): void {
  // What stands in the address there is a program's.
  if (isAuthorizePath()) return;
  const query = new URLSearchParams(location.search);
  const [code, state, error] = ['code', 'state', 'error'].map((name) => query.get(name));
  if (!state || !(code || error)) return;
  const sent = readSent();
  const known = sent?.state === state;
  history.replaceState(null, '', known ? sent.from : location.pathname + location.hash);
  // The conversation, or a link out of a mail, stands there again; nobody tells of an address that was replaced.
  window.dispatchEvent(new Event('hashchange'));
  if (!known) return failed('This sign-in was not begun here. Please begin it again.');
  if (!code) return failed('You were not signed in there.');
  providerSignIn.set({ busy: true, problem: null });
  finishProviderSignIn(sent.provider, code, state).then(
    (answer) => {
      providerSignIn.set({ busy: false, problem: null });
      session.accept(answer);
    },
    (error: unknown) => failed(sentence(error)),
  );
}

function readSent(): Sent | null {
  try {
    const sent = sessionStorage.getItem(SENT);
    sessionStorage.removeItem(SENT);
    return sent ? JSON.parse(sent) : null;
  } catch {
    // A browser that keeps nothing cannot have begun it.
    return null;
  }
}
