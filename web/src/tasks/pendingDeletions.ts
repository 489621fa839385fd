import type { Task } from '../api/types';
import type { Outbox } from './outbox';

interface PendingDeletion {
  /** The task as the person saw it, so that one that was changed or came back meanwhile is left alone. */
  version: number | null;
  /** Nobody answered; it goes out with the next `flush`. */
  waiting: boolean;
}

/** Tasks that are off the screen and still on the server: their undo is not over, or nobody answered. */
export class PendingDeletions {
  private readonly leaving = new Map<number, PendingDeletion>();

  constructor(private readonly outbox: Outbox) {
    for (const { id, version } of outbox.removals()) this.leaving.set(id, { version, waiting: true });
  }

  has(id: number): boolean {
    return this.leaving.has(id);
  }

  /** Those whose undo is not over, or those that nobody has answered. */
  ids(which: 'undoable' | 'waiting'): number[] {
    return [...this.leaving].filter(([, { waiting }]) => waiting === (which === 'waiting')).map(([id]) => id);
  }

  begin(id: number, version: number | null): void {
    this.leaving.set(id, { version, waiting: false });
  }

  /** It is over: undone, or done. */
  end(id: number): void {
    this.leaving.delete(id);
    this.outbox.dropRemoval(id);
  }

  /** Nobody answered, or nobody may be here to hear the answer. */
  keep(id: number): void {
    const removal = this.leaving.get(id);
    if (!removal) return;
    removal.waiting = true;
    this.outbox.keepRemoval(id, removal.version);
  }

  /** Gives up those that wait for tasks which are gone, or which are others by now. */
  compare(tasks: Map<number, Task>): void {
    for (const [id, { version, waiting }] of [...this.leaving]) {
      const now = tasks.get(id)?.version;
      if (waiting && (!tasks.has(id) || (version !== null && now !== null && now !== version))) this.end(id);
    }
  }
}
