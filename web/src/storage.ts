/**
 * What this browser remembers. A page in a frame may be refused `localStorage`; then things last as long as
 * the page does, and `isPersistent` is false so that the page can say so.
 */
export interface BrowserStorage {
  readonly isPersistent: boolean;
  read(key: string): string | null;
  write(key: string, value: string): void;
  remove(key: string): void;
  keys(): string[];
}

export function openBrowserStorage(): BrowserStorage {
  try {
    const probe = 'todo-chat.probe';
    localStorage.setItem(probe, '1');
    localStorage.removeItem(probe);
    return persistentStorage(localStorage);
  } catch {
    return inMemoryStorage();
  }
}

function persistentStorage(storage: Storage): BrowserStorage {
  return {
    isPersistent: true,
    read: (key) => storage.getItem(key),
    write(key, value) {
      try {
        storage.setItem(key, value);
      } catch {
        // Full: keeping the page alive matters more than keeping a draft.
      }
    },
    remove: (key) => storage.removeItem(key),
    keys: () => Object.keys(storage),
  };
}

export function inMemoryStorage(): BrowserStorage {
  const values = new Map<string, string>();
  return {
    isPersistent: false,
    read: (key) => values.get(key) ?? null,
    write: (key, value) => void values.set(key, value),
    remove: (key) => void values.delete(key),
    keys: () => [...values.keys()],
  };
}

export function readJson<T>(memory: BrowserStorage, key: string): T | null {
  try {
    return JSON.parse(memory.read(key) ?? 'null') as T | null;
  } catch {
    return null;
  }
}

export const memory = openBrowserStorage();
