import type { TaskDetails, TaskPatch } from '../api/types';
import { readJson, type BrowserStorage } from '../storage';

interface KeptAdd {
  title: string;
  details?: TaskDetails;
  /** Milliseconds since 1970: they are shown and sent in their order. */
  at: number;
}

interface KeptChange {
  patch: TaskPatch;
  /** Milliseconds since 1970. */
  at: number;
}

/**
 * What was done to the list by hand and is not confirmed by the server: kept on this device, so that neither a lost
 * connection nor a closed page loses it. Every entry has a key of its own, because several tabs write here.
 */
export class Outbox {
  private readonly addPrefix: string;
  private readonly changePrefix: string;
  private readonly removalPrefix: string;

  constructor(
    private readonly memory: BrowserStorage,
    userId: string,
  ) {
    this.addPrefix = `todo-chat.outbox.${userId}.add.`;
    this.changePrefix = `todo-chat.outbox.${userId}.change.`;
    this.removalPrefix = `todo-chat.outbox.${userId}.remove.`;
  }

  /** The tasks to add, oldest first; the key is their idempotency key. */
  adds(): Array<{ key: string; title: string; details: TaskDetails }> {
    const kept = this.entries<KeptAdd>(this.addPrefix).sort((a, b) => a.value.at - b.value.at);
    return kept.map(({ rest, value }) => ({ key: rest, title: value.title, details: value.details ?? {} }));
  }

  keepAdd(key: string, title: string, details: TaskDetails = {}): void {
    if (this.memory.read(this.addPrefix + key) !== null) return;
    const kept: KeptAdd = { title, details, at: Date.now() };
    this.memory.write(this.addPrefix + key, JSON.stringify(kept));
  }

  dropAdd(key: string): void {
    this.memory.remove(this.addPrefix + key);
  }

  /** The changes to send, oldest first: where one task was placed after another, their order matters. */
  changes(): Array<{ id: number; patch: TaskPatch }> {
    const kept = this.entries<KeptChange | TaskPatch>(this.changePrefix).map(({ rest, value }) => {
      // Kept by an older version of the page: the patch alone.
      const { patch, at } = 'patch' in value ? value : { patch: value, at: 0 };
      return { id: Number(rest), patch, at };
    });
    return kept.sort((a, b) => a.at - b.at).map(({ id, patch }) => ({ id, patch }));
  }

  /** Replaces what is kept for this task; an empty patch drops it. */
  keepChange(id: number, patch: TaskPatch): void {
    const kept: KeptChange = { patch, at: Date.now() };
    if (Object.keys(patch).length > 0) this.memory.write(this.changePrefix + id, JSON.stringify(kept));
    else this.memory.remove(this.changePrefix + id);
  }

  removals(): Array<{ id: number; version: number | null }> {
    return this.entries<{ version: number | null }>(this.removalPrefix).map(({ rest, value }) => ({ id: Number(rest), version: value.version }));
  }

  keepRemoval(id: number, version: number | null): void {
    this.memory.write(this.removalPrefix + id, JSON.stringify({ version }));
  }

  dropRemoval(id: number): void {
    this.memory.remove(this.removalPrefix + id);
  }

  /** How much is kept. */
  size(): number {
    return [this.addPrefix, this.changePrefix, this.removalPrefix].reduce((sum, prefix) => sum + this.entries(prefix).length, 0);
  }

  private entries<T>(prefix: string): Array<{ rest: string; value: T }> {
    const keys = this.memory.keys().filter((key) => key.startsWith(prefix));
    return keys.flatMap((key) => {
      const value = readJson<T>(this.memory, key);
      return value ? [{ rest: key.slice(prefix.length), value }] : [];
    });
  }
}
