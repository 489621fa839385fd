import { toolKind } from '../api/toolKind';
import { TaskChanged, type TaskApi } from '../api/taskApi';
import type { Task, TaskDetails, TaskPatch, Undone } from '../api/types';
import { newId } from '../newId';
import { createStore, type Store } from '../store';
import { ApiError, sentence } from '../api/apiErrors';
import { isDirectlyAfter, placedAfter } from './manualOrder';
import type { Outbox } from './outbox';
import { PendingAdditions, type NewTask } from './pendingAdditions';
import { PendingDeletions } from './pendingDeletions';
import { patched, taskOfTool, taskFromPartial, type ToolTask } from './taskFromPartial';
import { afterConflict, isRetryable, merged, PendingPatches, stillMeant, versionOf, type PendingPatch, type RefusedChange } from './pendingPatches';

export interface TaskView {
  phase: 'loading' | 'ready' | 'failed';
  /** Newest first, with everything the person just did already in it. */
  tasks: Task[];
  adding: NewTask[];
  /** Tasks of which a change is kept on this device, because nobody answered. */
  unsent: ReadonlySet<number>;
  problem: string | null;
}

/** What changed, for the other tabs and for a short highlight. */
export type TaskUpdate = { changed: Task[] } | { restored: Task[] } | { removed: number };

interface ToolResult {
  success?: boolean;
  task?: ToolTask;
  results?: Array<{ success?: boolean; task?: ToolTask; kind?: string }>;
  tasks?: ToolTask[];
}

/** What is older than this and still here may have been left by a tab that is closed. */
const LEFT_BEHIND_MS = 60_000;

/**
 * The list as the person sees it: what the server confirmed, plus the changes still on their way, minus what is
 * being deleted. A change that is refused is dropped, and the truth shows again; what was typed is handed back. One that
 * reaches nobody is kept, also over a reload.
 */
export class TaskStore {
  readonly view: Store<TaskView> = createStore<TaskView>({ phase: 'loading', tasks: [], adding: [], unsent: new Set(), problem: null });
  /** Called for what the server confirmed. */
  onUpdate: (update: TaskUpdate) => void = () => {};
  /** Called when the server refuses a change that had waited for it, or a deletion. */
  onRefused: (error: unknown, refused?: RefusedChange) => void = () => {};
  private confirmed = new Map<number, Task>();
  /** Deleted tasks, with the number of the last reading of the list that was asked for before. */
  private gone = new Map<number, number>();
  private readings = 0;
  private readonly additions: PendingAdditions;
  private readonly removals: PendingDeletions;
  private readonly patches: PendingPatches;
  private flushing: Promise<void> | null = null;
  /** When the server may be asked again, in milliseconds since 1970. */
  private notBefore = 0;
  private queues = new Map<number, Promise<unknown>>();
  private lastMove: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly api: TaskApi,
    private readonly outbox: Outbox,
    /** What was known when the page was here last; it is shown until the server has answered. */
    known: Task[] | null = null,
  ) {
    this.additions = new PendingAdditions(outbox);
    this.removals = new PendingDeletions(outbox);
    for (const task of known ?? []) this.confirmed.set(task.id, taskFromPartial(task));
    this.patches = new PendingPatches(outbox);
    this.show({ phase: known ? 'ready' : 'loading' });
  }

  /** Reads the list; quietly: when that fails, what is shown stays as it is. */
  async load(how: 'quietly' | 'aloud' = 'aloud'): Promise<void> {
    const before = new Set(this.confirmed.keys());
    const reading = ++this.readings;
    try {
      const tasks = await this.api.list();
      // A list that was asked for before a deletion still has the task; one asked for later has it because it came back.
      const kept = tasks.filter(({ id }) => (this.gone.get(id) ?? -1) < reading).map((task) => this.newest(task));
      for (const { id } of kept) this.gone.delete(id);
      // The assistant may have added something while the list was on its way.
      const meanwhile = [...this.confirmed.values()].filter((task) => !before.has(task.id));
      this.confirmed = new Map([...kept, ...meanwhile].map((task) => [task.id, task]));
      this.removals.takeOver();
      this.removals.compare(this.confirmed);
      this.show({ phase: 'ready', problem: null });
      void this.flush();
    } catch (error) {
      const ready = this.view.get().phase === 'ready';
      if (!ready || how === 'aloud') this.show({ phase: ready ? 'ready' : 'failed', problem: sentence(error) });
    }
  }

  async add(title: string, details: TaskDetails = {}): Promise<void> {
    await this.save({ key: newId(), title, details });
  }

  /** Adds what a typed line says, as soon as it is read. Whoever settles waits for that too. */
  addWhenRead(line: Promise<Pick<NewTask, 'title' | 'details'>>): Promise<void> {
    return this.additions.follow(line.then(({ title, details }) => this.add(title, details)));
  }

  /** Sends a task again that could not be saved, under its old key. */
  async addAgain(key: string): Promise<void> {
    const found = this.additions.of(key);
    if (found) await this.save(found);
  }

  discard(key: string): void {
    this.additions.drop(key);
    this.show({});
  }

  /** Changes a task at once on the screen; rejects when the server did not agree. When nobody answers it is kept. */
  change(id: number, patch: TaskPatch, version: number | null = null): Promise<void> {
    const pending = this.patches.begin(id, patch, version, this.view.get().tasks.find((task) => task.id === id));
    if (!pending) return Promise.resolve();
    this.show({});
    return this.enqueue(id, pending);
  }

  /** Sends what is kept on this device because nobody answered. */
  flush(): Promise<void> {
    if (Date.now() < this.notBefore) return Promise.resolve();
    this.flushing ??= this.sendKept().finally(() => {
      this.flushing = null;
    });
    return this.flushing;
  }

  private async sendKept(): Promise<void> {
    this.takeOver();
    const adds = this.additions.waiting();
    const ids = [...this.patches.waiting()].filter((id) => !this.removals.has(id));
    const moves = new Set(this.patches.moves().map(({ id }) => id));
    const removals = this.removals.ids('waiting').map((id) => this.commitOrTell(id));
    const changes = ids.filter((id) => !moves.has(id)).map((id) => this.enqueue(id));
    // One after the other, so that they get their numbers in the order in which they were typed.
    for (const task of adds) {
      // It may have been discarded while another was on its way.
      if (!this.additions.of(task.key)?.waiting) continue;
      if (!(await this.save(task))) break;
    }
    await Promise.all([...changes, ...removals]);
    await Promise.all(ids.filter((id) => moves.has(id)).map((id) => this.enqueue(id)));
  }

  /** Takes in what tabs have left behind that are closed by now, and forgets what another tab has sent. */
  private takeOver(): void {
    const until = Date.now() - LEFT_BEHIND_MS;
    const changed = [this.patches.takeOver(until), this.removals.forgetSent(), this.additions.takeOver(until)];
    if (changed.includes(true)) this.show({});
  }

  /** Whether it is sent again later, by itself: no sooner than the server wants it. */
  private retriesLater(error: unknown): boolean {
    if (error instanceof ApiError && error.retryAfter !== null) this.notBefore = Date.now() + error.retryAfter * 1_000;
    return isRetryable(error);
  }

  /** What the server confirmed, in no order. */
  confirmedTasks(): Task[] {
    return [...this.confirmed.values()];
  }

  /** How many changes the server has not confirmed, of this tab and of others. */
  unconfirmed(): number {
    return this.outbox.size();
  }

  /** Takes a task off the screen; it is deleted by `commitRemoval`, or comes back by `undoRemoval`. */
  remove(id: number): void {
    this.removals.begin(id, this.confirmed.get(id)?.version ?? null);
    this.show({});
  }

  /** Brings a task back that was taken off the screen; not when it is deleted on the server by then. Whether it is back. */
  async undoRemoval(id: number): Promise<boolean> {
    const sending = this.removals.sending(id);
    if (sending) await sending.catch(() => {});
    const isBack = this.confirmed.has(id);
    this.endRemoval(id);
    return isBack;
  }

  /** Deletes what was taken off the screen. When nobody answers that is kept, and done later by itself. */
  commitRemoval(id: number): Promise<void> {
    return this.removals.send(id, async () => {
      try {
        await this.api.remove(id).then(() => this.patches.drop(this.patches.of(id)));
        this.forget(id);
      } catch (error) {
        if (this.retriesLater(error)) return this.removals.keep(id);
        this.endRemoval(id);
        throw error;
      }
      this.endRemoval(id);
    });
  }

  private endRemoval(id: number): void {
    this.removals.end(id);
    this.show({});
  }

  private commitOrTell(id: number): Promise<void> {
    return this.commitRemoval(id).catch((error: unknown) => this.onRefused(error));
  }

  /** Settles all deletions, and what is kept here or on its way, so that the assistant sees the list the person sees. */
  async settle(): Promise<void> {
    await Promise.allSettled([this.flush(), ...this.additions.inFlight(), ...this.queues.values(), ...this.removals.ids('undoable').map((id) => this.commitOrTell(id))]);
  }

  /** The page goes away: the undo is over, also when the browser brings this very page back. */
  leave(): void {
    for (const id of this.removals.ids('undoable')) {
      // Whether it was done, the next reading of the list tells.
      this.removals.keep(id);
      this.api.removeLeaving(id);
    }
  }

  /** The task that a tool has changed, as it was before; nothing when the change is known already, as in a replay. */
  beforeTool(output: unknown): Task | undefined {
    const after = (output as { task?: ToolTask } | null)?.task;
    const known = after && this.confirmed.get(after.id);
    return known && Date.parse(known.updated_at) < Date.parse(after.updated_at ?? '') ? known : undefined;
  }

  /** Takes in what a tool of the assistant did or saw; returns the tasks that it changed. */
  applyTool(tool: string, output: unknown): Task[] {
    const result = output as ToolResult | null;
    if (!result?.success) return [];
    // One call may be about several tasks.
    const changed = (result.results ?? [result]).flatMap(({ success, task }) => (success && task ? [task] : []));
    if (toolKind(tool) === 'delete') {
      for (const { id } of changed) this.forget(id);
      return [];
    }
    if (toolKind(tool) === 'undo') return this.applyUndoTool(result.results ?? []);
    for (const task of result.tasks ?? []) if (!this.gone.has(task.id)) this.confirmed.set(task.id, this.newer(this.ofTool(task)));
    this.show({});
    return changed.map((task) => this.ofTool(task)).filter((task) => this.confirm(task));
  }

  /** The tool tells what became of each task: one that is back was forgotten here. */
  private applyUndoTool(results: NonNullable<ToolResult['results']>): Task[] {
    const found = results.flatMap(({ task, kind }) => (task ? [{ task, gone: kind === 'deleted' }] : []));
    for (const { task, gone } of found) if (gone) this.forget(task.id);
    const back = found.filter(({ gone }) => !gone).map(({ task }) => this.ofTool(task));
    this.restore(back);
    return back;
  }

  private ofTool(task: ToolTask): Task {
    return taskOfTool(task, this.confirmed.get(task.id));
  }

  /** Takes in what another tab did. */
  applyUpdate(update: TaskUpdate): void {
    if ('removed' in update) this.forget(update.removed, false);
    else if ('restored' in update) this.restore(update.restored, false);
    else for (const task of update.changed) this.confirm(task, false);
  }

  /** Whether somebody answered. */
  private save(task: Pick<NewTask, 'key' | 'title' | 'details'>): Promise<boolean> {
    this.additions.begin(task);
    this.show({});
    return this.additions.follow(this.sendAddition(task));
  }

  private async sendAddition({ key, title, details }: Pick<NewTask, 'key' | 'title' | 'details'>): Promise<boolean> {
    try {
      const saved = await this.api.add(title, details, key);
      this.additions.drop(key);
      this.show({});
      this.confirm(saved);
      return true;
    } catch (error) {
      const waiting = this.retriesLater(error);
      this.additions.update(key, { problem: sentence(error), waiting });
      this.show({});
      return !waiting;
    }
  }

  /**
   * One queue per task: a quick second edit never overtakes the first. A move also waits for the moves before it,
   * because each place is one beside another task.
   */
  private enqueue(id: number, pending?: PendingPatch): Promise<void> {
    const work = () => this.sendPending(id, pending);
    const isMove = this.patches.moves().some((move) => move.id === id);
    const before = this.queues.get(id) ?? Promise.resolve();
    const queue = (isMove ? Promise.allSettled([before, this.lastMove]) : before).then(work, work);
    this.queues.set(id, queue);
    if (isMove) this.lastMove = queue;
    return queue;
  }

  /** Sends this change, together with those for the same task that still wait. */
  private async sendPending(id: number, pending?: PendingPatch): Promise<void> {
    const sent = this.patches.take(id, pending, this.confirmed.get(id));
    if (sent.length === 0) return this.show({});
    const [patch, version] = [merged(sent), versionOf(sent)];
    try {
      const after = await this.api.change(id, patch, version);
      this.removals.advance(id, this.confirmed.get(id)?.version, after.version);
      this.confirm(after);
      // Others had to make room.
      if (patch.after_id !== undefined && !isDirectlyAfter(this.confirmedTasks(), id, patch.after_id)) void this.load('quietly');
      this.patches.confirm(sent, version, after);
      this.show({});
    } catch (error) {
      if (!this.retriesLater(error)) return this.refuse(id, sent, pending, error);
      this.patches.wait(sent);
      this.show({});
    }
  }

  /** The truth shows again. Nobody but `onRefused` hears of what had waited. */
  private async refuse(id: number, sent: PendingPatch[], pending: PendingPatch | undefined, error: unknown): Promise<void> {
    const changed = error instanceof TaskChanged ? error.task : null;
    if (changed) this.confirm(changed);
    const { lost, again } = changed ? afterConflict(sent, changed) : { lost: sent, again: [] };
    this.patches.drop(sent.filter((one) => !again.includes(one)));
    this.patches.wait(again);
    this.show({});
    const waited = stillMeant(lost.filter((one) => one !== pending), sent);
    if (Object.keys(waited).length > 0) this.onRefused(error, { id, patch: waited });
    if (again.length > 0) await this.sendPending(id, pending);
    if (pending && lost.includes(pending)) throw error;
  }

  /** Whether the task was newer than the one known. */
  private confirm(task: Task, publish = true): boolean {
    if (this.gone.has(task.id)) return false;
    const isNewer = this.newer(task) === task;
    this.confirmed.set(task.id, this.newer(task));
    this.show({});
    if (isNewer && publish) this.onUpdate({ changed: [task] });
    return isNewer;
  }

  /** Takes in what the server undid: deleted tasks are back under their numbers, added ones are gone. */
  applyUndone({ changes, tasks }: Pick<Undone, 'changes' | 'tasks'>): void {
    for (const { after, task_id } of changes) if (!after && !tasks.some(({ id }) => id === task_id)) this.forget(task_id);
    this.restore(tasks);
  }

  private restore(tasks: Task[], publish = true): void {
    for (const task of tasks) {
      this.gone.delete(task.id);
      this.confirm(task, false);
    }
    if (publish && tasks.length > 0) this.onUpdate({ restored: tasks });
  }

  /** Numbers are used again by undo only, so a late answer cannot bring a deleted task back. */
  private forget(id: number, publish = true): void {
    this.gone.set(id, this.readings);
    this.confirmed.delete(id);
    this.show({});
    if (publish) this.onUpdate({ removed: id });
  }

  /** Streams are replayed after a lost connection: an older state must not win over a newer one. */
  private newer(task: Task): Task {
    const known = this.confirmed.get(task.id);
    return known && Date.parse(known.updated_at) > Date.parse(task.updated_at) ? known : task;
  }

  /** The known object while it says the same, so that its row is not drawn again. */
  private newest(task: Task): Task {
    const known = this.confirmed.get(task.id);
    const same = known && known.updated_at === task.updated_at && known.version === task.version && known.position === task.position && known.parent_id === task.parent_id && known.open_subtasks === task.open_subtasks;
    if (same) return known;
    return known?.updated_at === task.updated_at ? task : this.newer(task);
  }

  private show(part: Partial<TaskView>): void {
    let tasks: Task[] = [];
    for (const task of this.confirmed.values()) {
      if (this.removals.has(task.id)) continue;
      const pending = this.patches.of(task.id);
      tasks.push(pending.length ? patched(task, merged(pending)) : task);
    }
    for (const { id, after } of this.patches.moves()) tasks = placedAfter(tasks, id, after);
    tasks.sort((a, b) => b.id - a.id);
    this.view.patch({ tasks, adding: this.additions.list(), unsent: this.patches.waiting(), ...part });
  }
}
