import { createStore } from '../store';
import { announce } from './announce';
import { SHORTCUTS } from './shortcuts';

export interface Toast {
  id: number;
  text: string;
  tone: 'plain' | 'problem';
  action?: { label: string; run(): void };
  /** Runs once when the toast goes without its action. */
  onGone?: () => void;
}

export const toasts = createStore<Toast[]>([]);

let count = 0;

/** Shows a short message for some seconds; it waits while the pointer or the focus is on it. */
export function toast(text: string, more: Partial<Omit<Toast, 'id' | 'text'>> = {}): void {
  const shown: Toast = { id: ++count, text, tone: 'plain', ...more };
  const [oldest, ...rest] = toasts.get();
  const crowded = oldest && rest.length >= 2;
  toasts.set([...(crowded ? rest : toasts.get()), shown]);
  if (crowded) oldest.onGone?.();
  announce(shown.action ? `${text} ${shown.action.label}: ${SHORTCUTS.undo.keys}` : text);
}

/** Takes all toasts away, without their actions: they were about somebody who is gone. */
export function clearToasts(): void {
  toasts.set([]);
}

export function closeToast(id: number, how: 'gone' | 'acted'): void {
  const found = toasts.get().find((one) => one.id === id);
  if (!found) return;
  toasts.set(toasts.get().filter((one) => one.id !== id));
  if (how === 'acted') found.action?.run();
  else found.onGone?.();
}

/** Runs the action of the newest toast that has one: what Ctrl+Z does. */
export function undoNewest(): boolean {
  const found = toasts.get().findLast((one) => one.action);
  if (found) closeToast(found.id, 'acted');
  return Boolean(found);
}
