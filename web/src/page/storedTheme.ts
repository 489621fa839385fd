import { memory } from '../storage';

export type Theme = 'system' | 'light' | 'dark';

const KEY = 'todo-chat.theme';

export function storedTheme(): Theme {
  const value = memory.read(KEY);
  return value === 'light' || value === 'dark' ? value : 'system';
}

export function storeTheme(theme: Theme): void {
  memory.write(KEY, theme);
}
