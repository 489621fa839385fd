import type { TaskDetails, TaskPatch } from '../api/types';
import { newId } from '../newId';
import { readJson, type BrowserStorage } from '../storage';

interface KeptAdd {
  title: string;
  details?: TaskDetails;
  /** Milliseconds since 1970: they are shown and sent in their order. */
  at: number;
}

/** A change of a task as it is kept. */
export interface KeptChange {
  /** Its name here. */
  key: string;
  /** The task. */
  id: number;
  patch: TaskPatch;
  /** The version that was looked at, where the change is only for that one. */
  version: number | null;
  /** Where it does or passes over one time of a repeating task: which one. */
  occurrence?: string | null;
  /** Milliseconds since 1970: where one task was placed after another, their order matters. */
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
  /** What the browser had no room for: it lasts as long as the page. */
  private readonly unstored = new Set<string>();
  private latest = 0;

  constructor(
    private readonly memory: BrowserStorage,
    userId: string,
  ) {
    this.addPrefix = `todo-chat.outbox.${userId}.add.`;
    this.changePrefix = `todo-chat.outbox.${userId}.change.`;
    this.removalPrefix = `todo-chat.outbox.${userId}.remove.`;
  }

  /** The tasks to add that were kept before `until`, oldest first; the key is their idempotency key. */
  adds(until = Infinity): Array<{ key: string; title: string; details: TaskDetails }> {
    const kept = this.entries<KeptAdd>(this.addPrefix).filter(({ value }) => value.at < until).sort((a, b) => a.value.at - b.value.at);
    return kept.map(({ rest, value }) => ({ key: rest, title: value.title, details: value.details ?? {} }));
  }

  hasAdd(key: string): boolean {
    return this.has(this.addPrefix + key);
  }

  keepAdd(key: string, title: string, details: TaskDetails = {}): void {
    if (this.hasAdd(key)) return;
    const kept: KeptAdd = { title, details, at: Date.now() };
    this.write(this.addPrefix + key, kept);
  }

  dropAdd(key: string): void {
    this.drop(this.addPrefix + key);
  }

  /** The changes to send that were kept before `until`, oldest first. */
  changes(until = Infinity): KeptChange[] {
    const kept = this.entries<Partial<KeptChange> | TaskPatch>(this.changePrefix).map(({ rest, value }) => {
      // Kept by an older version of the page: one for each task, without a version, or the patch alone.
      const known: Partial<KeptChange> = 'patch' in value ? value : { patch: value as TaskPatch };
      return { version: null, at: 0, patch: {}, ...known, key: rest, id: Number.parseInt(rest, 10) };
    });
    return kept.filter(({ at }) => at < until).sort((a, b) => a.at - b.at);
  }

  hasChange(key: string): boolean {
    return this.has(this.changePrefix + key);
  }

  keepChange(id: number, patch: TaskPatch, version: number | null = null, occurrence?: string | null): KeptChange {
    this.latest = Math.max(Date.now(), this.latest + 1);
    const kept: KeptChange = { key: `${id}.${newId()}`, id, patch, version, at: this.latest, ...(occurrence !== undefined && { occurrence }) };
    this.write(this.changePrefix + kept.key, kept);
    return kept;
  }

  /** Writes a change again that is another one by now, unless it was dropped meanwhile. */
  updateChange({ key, id, patch, version, occurrence, at }: KeptChange): void {
    if (this.hasChange(key)) this.write(this.changePrefix + key, { key, id, patch, version, occurrence, at });
  }

  dropChange(key: string): void {
    this.drop(this.changePrefix + key);
  }

  removals(): Array<{ id: number; version: number | null }> {
    return this.entries<{ version: number | null }>(this.removalPrefix).map(({ rest, value }) => ({ id: Number(rest), version: value.version }));
  }

  hasRemoval(id: number): boolean {
    return this.has(this.removalPrefix + id);
  }

  keepRemoval(id: number, version: number | null): void {
    this.write(this.removalPrefix + id, { version });
  }

  dropRemoval(id: number): void {
    this.drop(this.removalPrefix + id);
  }

  /** How much is kept, by all tabs. */
  size(): number {
    return [this.addPrefix, this.changePrefix, this.removalPrefix].reduce((sum, prefix) => sum + this.entries(prefix).length, this.unstored.size);
  }

  private has(key: string): boolean {
    return this.unstored.has(key) || this.memory.read(key) !== null;
  }

  private write(key: string, value: unknown): void {
    this.memory.write(key, JSON.stringify(value));
    if (this.memory.read(key) === null) this.unstored.add(key);
    else this.unstored.delete(key);
  }

  private drop(key: string): void {
    this.unstored.delete(key);
    this.memory.remove(key);
  }

  private entries<T>(prefix: string): Array<{ rest: string; value: T }> {
    const keys = this.memory.keys().filter((key) => key.startsWith(prefix));
    return keys.flatMap((key) => {
      const value = readJson<T>(this.memory, key);
      return value ? [{ rest: key.slice(prefix.length), value }] : [];
    });
  }
}
