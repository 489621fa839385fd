import { createStore } from '../store';

/** Which tasks the list shows: the address remembers it, after a question mark behind the place. */
export type ListView = 'today' | 'upcoming' | 'all' | 'done';

const VIEWS: readonly string[] = ['today', 'upcoming', 'all', 'done'] satisfies ListView[];

export const listView = createStore<ListView>(read());

export function showView(view: ListView): void {
  listView.set(view);
  history.replaceState(null, '', withView(location.hash.split('?')[0] || '#/'));
}

/** The address of a place of the page, with the view that is shown now. */
export function withView(place: string): string {
  const view = listView.get();
  return view === 'all' ? place : `${place}?view=${view}`;
}

/** Follows an address that was typed, or gone back to. */
export function followView(): void {
  listView.set(read());
}

function read(): ListView {
  const named = typeof location === 'undefined' ? undefined : /\?view=(\w+)$/.exec(location.hash)?.[1];
  return named && VIEWS.includes(named) ? (named as ListView) : 'all';
}
