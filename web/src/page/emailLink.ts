import { createStore } from '../store';

/** A link out of a mail: to choose another password, or to confirm one's address. */
export interface EmailLink {
  kind: 'reset-password' | 'confirm-email';
  token: string;
}

const LINK = /^#\/(reset-password|confirm-email)\?token=([\w-]+)$/;

/** The link by which somebody came, until it is used. */
export const emailLink = createStore<EmailLink | null>(null);

/** Takes such a link out of the address, so that its secret stays in no history and on no screen. */
function take(): void {
  const [, kind, token] = LINK.exec(location.hash) ?? [];
  if (!kind || !token) return;
  emailLink.set({ kind: kind as EmailLink['kind'], token });
  history.replaceState(null, '', location.pathname + location.search);
}

/** What stands behind the `#` when the page is loaded again: the link, where it waits to be used. */
export function hashToReturn(): string {
  const link = emailLink.get();
  return link ? `#/${link.kind}?token=${link.token}` : location.hash;
}

export function watchEmailLink(): void {
  take();
  window.addEventListener('hashchange', take);
}
