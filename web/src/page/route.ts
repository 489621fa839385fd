import { newId } from '../newId';
import { createStore } from '../store';
import { followView, withView } from './listView';

/** Where the page is: the address after `#`, so that the server needs to serve `/` only. */
export interface Route {
  conversation: string;
  /** Chosen here and not known to the server yet. */
  isNew: boolean;
}

const UUID = /^#\/c\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:\?|$)/i;

export const route = createStore<Route>(read());

export function watchRoute(): void {
  window.addEventListener('hashchange', () => {
    followView();
    const next = read();
    const now = route.get();
    if (next.isNew ? !now.isNew : next.conversation !== now.conversation) route.set(next);
  });
}

export function openConversation(id: string): void {
  route.set({ conversation: id, isNew: false });
  location.hash = withView(`#/c/${id}`);
}

export function openNewChat(): void {
  route.set({ conversation: newId(), isNew: true });
  location.hash = withView('#/');
}

/** A new conversation in place of one that is gone: the way back does not lead to that. */
export function leaveMissing(): void {
  route.set({ conversation: newId(), isNew: true });
  history.replaceState(null, '', withView('#/'));
}

/** Back to the bare address, as if nobody had been here. */
export function clearRoute(): void {
  route.set({ conversation: newId(), isNew: true });
  history.replaceState(null, '', location.pathname + location.search);
  followView();
}

/** The new conversation has its first message: from now on it has an address. */
export function setConversationRoute(id: string): void {
  if (route.get().conversation !== id || !route.get().isNew) return;
  route.set({ conversation: id, isNew: false });
  history.replaceState(null, '', withView(`#/c/${id}`));
}

function read(): Route {
  const id = UUID.exec(location.hash)?.[1];
  return id ? { conversation: id.toLowerCase(), isNew: false } : { conversation: newId(), isNew: true };
}
