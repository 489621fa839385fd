import { useEffect } from 'react';

export interface Shortcut {
  keys: string;
  meaning: string;
  matches(event: KeyboardEvent): boolean;
}

const apple = typeof navigator !== 'undefined' && /Mac|iPhone|iPad/.test(navigator.userAgent);
const mod = apple ? '⌘' : 'Ctrl';

const withMod = (event: KeyboardEvent) => (apple ? event.metaKey : event.ctrlKey) && !event.altKey;
const withAlt = (event: KeyboardEvent, code: string) => event.altKey && !event.ctrlKey && !event.metaKey && event.code === code;

/** Every shortcut has a modifier, so none of them can be pressed by dictation or by accident. */
export const SHORTCUTS = {
  find: { keys: `${mod} K`, meaning: 'Find an action or a conversation', matches: (e) => withMod(e) && !e.shiftKey && e.code === 'KeyK' },
  newChat: { keys: `${mod} Shift O`, meaning: 'Start a new chat', matches: (e) => withMod(e) && e.shiftKey && e.code === 'KeyO' },
  message: { keys: 'Alt M', meaning: 'Go to the message field', matches: (e) => withAlt(e, 'KeyM') },
  addTask: { keys: 'Alt T', meaning: 'Add a task by hand', matches: (e) => withAlt(e, 'KeyT') },
  searchTasks: { keys: 'Alt S', meaning: 'Search your list', matches: (e) => withAlt(e, 'KeyS') },
  undo: { keys: `${mod} Z`, meaning: 'Undo a deletion', matches: (e) => withMod(e) && !e.shiftKey && e.code === 'KeyZ' && !isTyping(e) },
  help: { keys: `${mod} /`, meaning: 'Show the shortcuts', matches: (e) => withMod(e) && e.code === 'Slash' },
} satisfies Record<string, Shortcut>;

/** Keys that act where the focus is, for the list of shortcuts. */
export const LOCAL_KEYS = [
  { keys: 'Enter', meaning: 'Send the message' },
  { keys: 'Shift Enter', meaning: 'New line in the message' },
  { keys: '↑', meaning: 'Edit the last message, in an empty field' },
  { keys: 'Esc', meaning: 'Stop the answer, or close what is open' },
  { keys: '↑ ↓', meaning: 'Move through the list' },
  { keys: 'Alt ↑ ↓', meaning: 'Move a task, in the order by hand' },
];

export type ShortcutName = keyof typeof SHORTCUTS;

/** Listens to shortcuts; a handler may return false to leave the key to the browser. */
export function useShortcuts(handlers: Partial<Record<ShortcutName, () => boolean | void>>): void {
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      for (const [name, handler] of Object.entries(handlers)) {
        if (!SHORTCUTS[name as ShortcutName].matches(event)) continue;
        if (handler() !== false) event.preventDefault();
        return;
      }
    };
    window.addEventListener('keydown', listen);
    return () => window.removeEventListener('keydown', listen);
  });
}

function isTyping(event: KeyboardEvent): boolean {
  const target = event.target as HTMLElement | null;
  return Boolean(target?.closest('textarea, input:not([type=checkbox]):not([type=radio])'));
}
