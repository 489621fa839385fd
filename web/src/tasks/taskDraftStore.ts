import { readJson, type BrowserStorage } from '../storage';
import { createStore, type Store } from '../store';
import type { TaskDraft } from './taskDraft';

/**
 * What was typed into the editors of tasks and not saved. It outlives its editor: another task may be opened, the
 * search may hide the task, the page may be loaded again.
 */
export class TaskDraftStore {
  readonly view: Store<ReadonlyMap<number, TaskDraft>>;
  private readonly prefix: string;

  constructor(
    private readonly memory: BrowserStorage,
    userId: string,
  ) {
    // Below the prefix of all drafts of this person, which are forgotten together.
    this.prefix = `todo-chat.draft.${userId}.task-`;
    const keys = memory.keys().filter((key) => key.startsWith(this.prefix));
    this.view = createStore(new Map(keys.map((key) => [Number(key.slice(this.prefix.length)), readJson<TaskDraft>(memory, key) ?? {}])));
  }

  of(id: number): TaskDraft {
    return this.view.get().get(id) ?? NOTHING;
  }

  /** Keeps a draft; an empty one is forgotten. */
  keep(id: number, draft: TaskDraft): void {
    const drafts = new Map(this.view.get());
    if (Object.keys(draft).length > 0) {
      drafts.set(id, draft);
      this.memory.write(this.prefix + id, JSON.stringify(draft));
    } else {
      drafts.delete(id);
      this.memory.remove(this.prefix + id);
    }
    this.view.set(drafts);
  }
}

const NOTHING: TaskDraft = {};
