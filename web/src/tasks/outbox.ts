import type { TaskPatch } from '../api/types';
import { readJson, type Memory } from '../storage';

interface KeptAdd {
  title: string;
  /** Milliseconds since 1970: they are shown and sent in their order. */
  at: number;
}

/**
 * What was done to the list by hand and is not confirmed by the server: kept on this device, so that neither a lost
 * connection nor a closed page loses it. Every entry has a key of its own, because several tabs write here.
 */
export class Outbox {
  private readonly addPrefix: string;
  private readonly changePrefix: string;

  constructor(
    private readonly memory: Memory,
    userId: string,
  ) {
    this.addPrefix = `todo-chat.outbox.${userId}.add.`;
    this.changePrefix = `todo-chat.outbox.${userId}.change.`;
  }

  /** The tasks to add, oldest first; the key is their idempotency key. */
  adds(): Array<{ key: string; title: string }> {
    const kept = this.entries<KeptAdd>(this.addPrefix).sort((a, b) => a.value.at - b.value.at);
    return kept.map(({ rest, value }) => ({ key: rest, title: value.title }));
  }

  keepAdd(key: string, title: string): void {
    if (this.memory.read(this.addPrefix + key) !== null) return;
    const kept: KeptAdd = { title, at: Date.now() };
    this.memory.write(this.addPrefix + key, JSON.stringify(kept));
  }

  dropAdd(key: string): void {
    this.memory.remove(this.addPrefix + key);
  }

  changes(): Array<{ id: number; patch: TaskPatch }> {
    return this.entries<TaskPatch>(this.changePrefix).map(({ rest, value }) => ({ id: Number(rest), patch: value }));
  }

  /** Replaces what is kept for this task; an empty patch drops it. */
  keepChange(id: number, patch: TaskPatch): void {
    if (Object.keys(patch).length > 0) this.memory.write(this.changePrefix + id, JSON.stringify(patch));
    else this.memory.remove(this.changePrefix + id);
  }

  private entries<T>(prefix: string): Array<{ rest: string; value: T }> {
    const keys = this.memory.keys().filter((key) => key.startsWith(prefix));
    return keys.flatMap((key) => {
      const value = readJson<T>(this.memory, key);
      return value ? [{ rest: key.slice(prefix.length), value }] : [];
    });
  }
}
