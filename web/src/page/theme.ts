import { createStore } from '../store';
import { memory } from '../storage';

export type Theme = 'system' | 'light' | 'dark';

const KEY = 'todo-chat.theme';

export const theme = createStore<Theme>(stored());

export function setTheme(next: Theme): void {
  memory.write(KEY, next);
  theme.set(next);
  applyTheme();
}

export function applyTheme(): void {
  const root = document.documentElement;
  if (theme.get() === 'system') delete root.dataset['theme'];
  else root.dataset['theme'] = theme.get();
}

function stored(): Theme {
  const value = memory.read(KEY);
  return value === 'light' || value === 'dark' ? value : 'system';
}
