import { ApiError, SignedOut, Unreachable } from '../api/apiErrors';
import type { Task, TaskPatch } from '../api/types';
import type { KeptChange, Outbox } from './outbox';

/** A change of a task that the server has not confirmed. */
export interface PendingPatch extends KeptChange {
  /** Nobody answered; it goes out with the next change of this task, or with `flush`. */
  waiting: boolean;
}

/** What of a task was refused after it had waited on this device. */
export type RefusedChange = Pick<KeptChange, 'id' | 'patch'>;

/** The changes that the server has not confirmed, oldest first. Each is kept in the outbox until it is made or refused. */
export class PendingPatches {
  private all: PendingPatch[] = [];

  constructor(private readonly outbox: Outbox) {
    this.takeOver(Infinity);
  }

  of(id: number): PendingPatch[] {
    return this.all.filter((pending) => pending.id === id);
  }

  /** Where tasks were moved to, in the order in which that was done. */
  moves(): Array<{ id: number; after: number | null }> {
    return this.all.flatMap(({ id, patch: { after_id: after } }) => (after === undefined ? [] : [{ id, after }]));
  }

  /** The tasks of which a change waits. */
  waiting(): Set<number> {
    return new Set(this.all.filter(({ waiting }) => waiting).map(({ id }) => id));
  }

  /** Keeps a change of `task`; nothing when it is one time of a repeating task that is being done already. */
  begin(id: number, patch: TaskPatch, version: number | null, task: Task | undefined): PendingPatch | null {
    const occurrence = task && advancesRepeat(patch, task) ? task.due : undefined;
    if (occurrence !== undefined && this.of(id).some(isAdvance)) return null;
    const pending = { ...this.outbox.keepChange(id, patch, version, occurrence), waiting: false };
    this.all.push(pending);
    return pending;
  }

  /**
   * Takes in what was kept before `until` by tabs that may be closed, and forgets what another tab has sent. Whether
   * there was any.
   */
  takeOver(until: number): boolean {
    const all = this.withoutSent();
    const [count, known] = [all.length, new Set(all.map(({ key }) => key))];
    for (const kept of this.outbox.changes(until)) {
      // The other one must be answered first: then it shows whether the task has moved on.
      const twice = isAdvance(kept) && all.some((one) => one.id === kept.id && isAdvance(one));
      if (!known.has(kept.key) && !twice) all.push({ ...kept, waiting: true });
    }
    const changed = count !== this.all.length || all.length !== count;
    this.all = all.sort((a, b) => a.at - b.at);
    return changed;
  }

  /** What goes out now: this change and those of the same task that still wait. `task` is what the server said last. */
  take(id: number, pending: PendingPatch | undefined, task: Task | undefined): PendingPatch[] {
    this.all = this.withoutSent();
    const sent = this.of(id).filter((one) => one === pending || one.waiting);
    for (const one of sent) {
      one.waiting = false;
      if (one.version === null && task) this.setVersion(one, task);
    }
    // Without a version it would be done a second time.
    const over = sent.filter((one) => one.version === null && isAdvance(one) && task && isDone(one, task));
    this.drop(over);
    return sent.filter((one) => !over.includes(one));
  }

  /** These were made: the task is `after` by now. `version` is the one for which they were sent. */
  confirm(sent: PendingPatch[], version: number | null, after: Task): void {
    this.drop(sent);
    for (const one of this.of(after.id)) {
      if (one.version === null || after.version === null || one.version >= after.version) continue;
      // A repeating task may have moved on in between, unless the version says that it has not.
      if (isAdvance(one) && (one.version !== version || sent.some(isAdvance))) continue;
      // Whoever looked at the task before this change has seen the change too.
      one.version = after.version;
      this.outbox.updateChange(one);
    }
  }

  wait(sent: PendingPatch[]): void {
    for (const one of sent) one.waiting = true;
  }

  /** These are no longer pending: they were made, or refused. */
  drop(some: PendingPatch[]): void {
    for (const { key } of some) this.outbox.dropChange(key);
    this.all = this.all.filter((one) => !some.includes(one));
  }

  /** What waits and is not kept any more was sent by another tab. */
  private withoutSent(): PendingPatch[] {
    return this.all.filter(({ waiting, key }) => !waiting || this.outbox.hasChange(key));
  }

  /** One time of a repeating task is done for a version; where none was known, for that of the task as long as it stands there. */
  private setVersion(one: PendingPatch, task: Task): void {
    if (!isAdvance(one) && advancesRepeat(one.patch, task)) one.occurrence = task.due;
    if (!isAdvance(one) || isDone(one, task)) return;
    one.version = task.version;
    this.outbox.updateChange(one);
  }
}

export const merged = (some: KeptChange[]): TaskPatch => Object.assign({}, ...some.map(({ patch }) => patch)) as TaskPatch;

/** The version for which several changes go out together: the oldest that was looked at. */
export function versionOf(some: KeptChange[]): number | null {
  const versions = some.flatMap(({ version }) => version ?? []);
  return versions.length > 0 ? Math.min(...versions) : null;
}

/**
 * What becomes of changes that were refused because the task is `now` another one: what it says already is made, what
 * is for another version is lost, what is for this one or for any goes out again.
 */
export function afterConflict(sent: PendingPatch[], now: Task): { lost: PendingPatch[]; again: PendingPatch[] } {
  const version = versionOf(sent);
  const again = sent.filter((one) => one.version !== version && (one.version === null || one.version === now.version));
  const isLost = (one: PendingPatch) => !again.includes(one) && !isDone({ ...one, patch: stillMeant([one], sent) }, now);
  return { again, lost: sent.filter(isLost) };
}

/** What some of these changes say that no later one says differently. */
export function stillMeant(some: KeptChange[], all: KeptChange[]): TaskPatch {
  const whole: Record<string, unknown> = merged(all);
  return Object.fromEntries(Object.entries(merged(some)).filter(([member, value]) => whole[member] === value)) as TaskPatch;
}

/** Whether the task says already what the change is about; where a repeating task has moved on, that was its success. */
function isDone({ patch, occurrence }: KeptChange, task: Task): boolean {
  if (occurrence !== undefined) return task.due !== occurrence || task.completed;
  const said: Record<string, unknown> = { ...task };
  return Object.entries(patch).every(([member, value]) => JSON.stringify(said[member]) === JSON.stringify(value));
}

/** Whether one time of a repeating task is done or passed over, which must not happen twice. */
const advancesRepeat = (patch: TaskPatch, task: Task) => Boolean(task.repeat && (patch.skip || patch.completed));

const isAdvance = ({ occurrence }: KeptChange) => occurrence !== undefined;

/** The server has too much to do, or this person asks for too much at a time. */
const PASSING = [429, 503];

/** Whether it may be sent again later, by itself: nobody said no. */
export const isRetryable = (error: unknown) => error instanceof Unreachable || error instanceof SignedOut || (error instanceof ApiError && PASSING.includes(error.status));
