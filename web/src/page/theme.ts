import { createStore } from '../store';
import { storedTheme, storeTheme, type Theme } from './storedTheme';

export const theme = createStore<Theme>(storedTheme());

export function setTheme(next: Theme): void {
  storeTheme(next);
  theme.set(next);
  applyTheme();
}

export function applyTheme(): void {
  const root = document.documentElement;
  if (theme.get() === 'system') delete root.dataset['theme'];
  else root.dataset['theme'] = theme.get();
}
