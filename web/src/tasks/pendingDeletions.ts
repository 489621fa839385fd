import type { ChangeApi } from '../api/changeApi';
import type { Task } from '../api/types';
import type { Outbox } from './outbox';
import type { Undo } from './serverUndo';

interface PendingDeletion {
  /** The task as the person saw it, so that one that was changed or came back meanwhile is left alone. */
  version: number | null;
  /** Nobody answered; it goes out with the next `flush`. */
  waiting: boolean;
  /** It is on its way. */
  sending?: Promise<void> | undefined;
}

/** Tasks that are off the screen and still on the server: their undo is not over, or nobody answered. */
export class PendingDeletions {
  private readonly leaving = new Map<number, PendingDeletion>();

  constructor(private readonly outbox: Outbox) {
    this.takeOver();
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

  /** A change of this device was made, and nothing else since `from`: whoever deleted the task had seen it too. */
  advance(id: number, from: number | null | undefined, to: number | null): void {
    const removal = this.leaving.get(id);
    if (!removal || !from || removal.version !== from || to !== from + 1) return;
    removal.version = to;
    if (removal.waiting) this.outbox.keepRemoval(id, to);
  }

  /** Sends it once at a time: who comes later waits, and whoever came first hears how it went. */
  send(id: number, work: () => Promise<void>): Promise<void> {
    const removal = this.leaving.get(id);
    if (!removal) return Promise.resolve();
    if (removal.sending) return removal.sending.catch(() => {});
    removal.sending = work().finally(() => (removal.sending = undefined));
    return removal.sending;
  }

  /** The one that is on its way. */
  sending(id: number): Promise<void> | undefined {
    return this.leaving.get(id)?.sending;
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

  /** Takes in what other tabs keep; it must be compared with the list before it is sent. */
  takeOver(): void {
    for (const { id, version } of this.outbox.removals()) if (!this.has(id)) this.leaving.set(id, { version, waiting: true });
  }

  /** Forgets what another tab has sent or undone. Whether there was any. */
  forgetSent(): boolean {
    const sent = this.ids('waiting').filter((id) => !this.outbox.hasRemoval(id) && !this.sending(id));
    for (const id of sent) this.leaving.delete(id);
    return sent.length > 0;
  }

  /** Gives up those that wait for tasks which are gone, or which are others by now. */
  compare(tasks: Map<number, Task>): void {
    for (const [id, { version, waiting }] of [...this.leaving]) {
      const now = tasks.get(id)?.version;
      if (waiting && (!tasks.has(id) || (version !== null && now !== null && now !== version))) this.end(id);
    }
  }
}

interface DeletionUndo {
  tasks: { undoRemoval(id: number): Promise<boolean> };
  changes: Pick<ChangeApi, 'list'>;
  undo: Pick<Undo, 'undo'>;
}

/** Undoes a deletion by hand: here while the server does not know of it, there when it was carried out meanwhile. */
export async function undoDeletion(id: number, { tasks, changes, undo }: DeletionUndo): Promise<void> {
  if (await tasks.undoRemoval(id)) return;
  const [last] = (await changes.list({ task: id })).changes;
  if (last?.kind === 'deleted') await undo.undo(`deletion-${last.id}`, { changes: [last.id] });
}
