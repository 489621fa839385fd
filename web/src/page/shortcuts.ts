import { useEffect } from 'react';

export interface Shortcut {
  keys: string;
  meaning: string;
  matches(event: KeyboardEvent): boolean;
}

const apple = typeof navigator !== 'undefined' && /Mac|iPhone|iPad/.test(navigator.userAgent);
const mod = apple ? '⌘' : 'Ctrl';

/** Where the keys of the shortcuts lie on a keyboard that writes other letters than Latin ones. */
const PLACES = { k: 'KeyK', o: 'KeyO', m: 'KeyM', t: 'KeyT', s: 'KeyS', z: 'KeyZ', '/': 'Slash' };

type Key = keyof typeof PLACES;

/** Whether it is the key that writes this: elsewhere than in America it may lie in another place. */
const isKey = ({ key, code }: KeyboardEvent, wanted: Key) => (/^[!-~]$/.test(key) ? key.toLowerCase() === wanted : code === PLACES[wanted]);
const withMod = (event: KeyboardEvent, key: Key) => (apple ? event.metaKey : event.ctrlKey) && !event.altKey && isKey(event, key);
/** On a Mac this writes letters: `ß` with S. There it is a shortcut only where nobody types. */
const withAlt = (event: KeyboardEvent, key: Key) => event.altKey && !event.ctrlKey && !event.metaKey && isKey(event, key) && !(apple && isTyping(event));

/** Every shortcut has a modifier, so none of them can be pressed by dictation or by accident. */
export const SHORTCUTS = {
  find: { keys: `${mod} K`, meaning: 'Find an action or a conversation', matches: (e) => withMod(e, 'k') && !e.shiftKey },
  newChat: { keys: `${mod} Shift O`, meaning: 'Start a new chat', matches: (e) => withMod(e, 'o') && e.shiftKey },
  message: { keys: 'Alt M', meaning: 'Go to the message field', matches: (e) => withAlt(e, 'm') },
  addTask: { keys: 'Alt T', meaning: 'Add a task by hand', matches: (e) => withAlt(e, 't') },
  searchTasks: { keys: 'Alt S', meaning: 'Search your list', matches: (e) => withAlt(e, 's') },
  undo: { keys: `${mod} Z`, meaning: 'Undo a deletion', matches: (e) => withMod(e, 'z') && !e.shiftKey && !isTyping(e) },
  help: { keys: `${mod} /`, meaning: 'Show the shortcuts', matches: (e) => withMod(e, '/') },
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
