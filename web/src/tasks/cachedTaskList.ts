import type { Task } from '../api/types';
import { readJson, type BrowserStorage } from '../storage';

/** More would fill what a browser gives a page to store. */
const MAX_TASKS = 2_000;

/** The list as the server confirmed it last, so that it shows at once, also without a line. */
export class CachedTaskList {
  private readonly key: string;

  constructor(
    private readonly memory: BrowserStorage,
    userId: string,
  ) {
    this.key = `todo-chat.list.${userId}.tasks`;
  }

  /** Nothing when it was never read on this device. */
  read(): Task[] | null {
    return readJson<Task[]>(this.memory, this.key);
  }

  /** Keeps the tasks; of very many the newest. */
  keep(tasks: Task[]): void {
    const newest = tasks.length > MAX_TASKS ? [...tasks].sort((a, b) => b.id - a.id).slice(0, MAX_TASKS) : tasks;
    this.memory.write(this.key, JSON.stringify(newest));
  }
}
