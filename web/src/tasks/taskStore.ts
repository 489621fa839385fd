import { toolKind } from '../api/tool';
import type { TaskApi } from '../api/taskApi';
import type { Task, TaskPatch } from '../api/types';
import { newId } from '../newId';
import { createStore, type Store } from '../store';
import { sentence } from '../api/problem';

/** A task typed here that the server has not confirmed yet. */
export interface NewTask {
  key: string;
  title: string;
  problem: string | null;
}

export interface TaskView {
  phase: 'loading' | 'ready' | 'failed';
  /** Newest first, with everything the person just did already in it. */
  tasks: Task[];
  adding: NewTask[];
  problem: string | null;
}

/** What changed, for the other tabs and for a short highlight. */
export type TaskUpdate = { changed: Task[] } | { removed: number };

interface Wish {
  id: number;
  patch: TaskPatch;
}

/**
 * The list as the person sees it: what the server confirmed, plus the wishes still on their way, minus what is
 * being deleted. A wish that fails is simply dropped, and the truth shows again.
 */
export class TaskStore {
  readonly view: Store<TaskView> = createStore<TaskView>({ phase: 'loading', tasks: [], adding: [], problem: null });
  /** Called for what the server confirmed. */
  onUpdate: (update: TaskUpdate) => void = () => {};
  private confirmed = new Map<number, Task>();
  private gone = new Set<number>();
  private leaving = new Set<number>();
  private wishes: Wish[] = [];
  private lanes = new Map<number, Promise<unknown>>();

  constructor(private readonly api: TaskApi) {}

  async load(): Promise<void> {
    const before = new Set(this.confirmed.keys());
    try {
      const tasks = await this.api.list();
      const kept = tasks.filter((task) => !this.gone.has(task.id)).map((task) => this.newer(task));
      // The assistant may have added something while the list was on its way.
      const meanwhile = [...this.confirmed.values()].filter((task) => !before.has(task.id));
      this.confirmed = new Map([...kept, ...meanwhile].map((task) => [task.id, task]));
      this.show({ phase: 'ready', problem: null });
    } catch (error) {
      const phase = this.view.get().phase === 'ready' ? 'ready' : 'failed';
      this.show({ phase, problem: sentence(error) });
    }
  }

  async add(title: string): Promise<void> {
    await this.save({ key: newId(), title, problem: null });
  }

  /** Sends a task again that could not be saved, under its old key. */
  async addAgain(key: string): Promise<void> {
    const found = this.view.get().adding.find((task) => task.key === key);
    if (found) await this.save({ ...found, problem: null });
  }

  discard(key: string): void {
    this.show({ adding: this.view.get().adding.filter((task) => task.key !== key) });
  }

  /** Changes a task at once on the screen; rejects when the server did not agree. */
  change(id: number, patch: TaskPatch): Promise<void> {
    const wish = { id, patch };
    this.wishes.push(wish);
    this.show({});
    const work = async () => {
      try {
        this.confirm(await this.api.change(id, patch));
      } finally {
        this.wishes = this.wishes.filter((other) => other !== wish);
        this.show({});
      }
    };
    // One lane per task: a quick second edit never overtakes the first.
    const lane = (this.lanes.get(id) ?? Promise.resolve()).then(work, work);
    this.lanes.set(id, lane);
    return lane;
  }

  /** Takes a task off the screen; it is deleted by `commitRemoval`, or comes back by `undoRemoval`. */
  remove(id: number): void {
    this.leaving.add(id);
    this.show({});
  }

  undoRemoval(id: number): void {
    this.leaving.delete(id);
    this.show({});
  }

  async commitRemoval(id: number): Promise<void> {
    if (!this.leaving.has(id)) return;
    try {
      await this.api.remove(id);
      this.forget(id);
    } finally {
      this.undoRemoval(id);
    }
  }

  /** Settles all deletions, so that the assistant sees the list the person sees. */
  async settle(): Promise<void> {
    await Promise.allSettled([...this.leaving].map((id) => this.commitRemoval(id)));
  }

  /** The page goes away: the undo is over, also when the browser brings this very page back. */
  leave(): void {
    for (const id of this.leaving) {
      this.api.removeLeaving(id);
      this.forget(id);
    }
    this.leaving.clear();
  }

  /** Takes in what a tool of the assistant did or saw. */
  applyTool(tool: string, output: unknown): Task[] {
    const result = output as { success?: boolean; task?: Task; tasks?: Task[] } | null;
    if (!result?.success) return [];
    if (result.task && toolKind(tool) === 'delete') {
      this.forget(result.task.id);
      return [];
    }
    if (result.task) return this.confirm(result.task) ? [result.task] : [];
    for (const task of result.tasks ?? []) if (!this.gone.has(task.id)) this.confirmed.set(task.id, this.newer(task));
    this.show({});
    return [];
  }

  /** Takes in what another tab did. */
  applyUpdate(update: TaskUpdate): void {
    if ('removed' in update) this.forget(update.removed, false);
    else for (const task of update.changed) this.confirm(task, false);
  }

  private async save(task: NewTask): Promise<void> {
    const others = () => this.view.get().adding.filter((other) => other.key !== task.key);
    this.show({ adding: [task, ...others()] });
    try {
      const saved = await this.api.add(task.title, null, task.key);
      this.view.set({ ...this.view.get(), adding: others() });
      this.confirm(saved);
    } catch (error) {
      this.show({ adding: [{ ...task, problem: sentence(error) }, ...others()] });
    }
  }

  /** Whether the task was newer than the one known. */
  private confirm(task: Task, tell = true): boolean {
    if (this.gone.has(task.id)) return false;
    const isNewer = this.newer(task) === task;
    this.confirmed.set(task.id, this.newer(task));
    this.show({});
    if (isNewer && tell) this.onUpdate({ changed: [task] });
    return isNewer;
  }

  /** Task numbers are never used again, so a late answer cannot bring a deleted task back. */
  private forget(id: number, tell = true): void {
    this.gone.add(id);
    this.confirmed.delete(id);
    this.show({});
    if (tell) this.onUpdate({ removed: id });
  }

  /** Streams are replayed after a lost connection: an older state must not win over a newer one. */
  private newer(task: Task): Task {
    const known = this.confirmed.get(task.id);
    return known && Date.parse(known.updated_at) > Date.parse(task.updated_at) ? known : task;
  }

  private show(part: Partial<TaskView>): void {
    const tasks: Task[] = [];
    for (const task of this.confirmed.values()) {
      if (this.leaving.has(task.id)) continue;
      const wishes = this.wishes.filter((wish) => wish.id === task.id);
      tasks.push(wishes.length ? Object.assign({}, task, ...wishes.map((wish) => wish.patch)) : task);
    }
    tasks.sort((a, b) => b.id - a.id);
    this.view.patch({ tasks, ...part });
  }
}
