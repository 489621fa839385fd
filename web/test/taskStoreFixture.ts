import { vi } from 'vitest';
import type { TaskApi } from '../src/api/taskApi';
import type { Task } from '../src/api/types';
import { inMemoryStorage } from '../src/storage';
import { Outbox } from '../src/tasks/outbox';
import { TaskStore } from '../src/tasks/taskStore';
import { task } from './fakes';

/** A loaded list with these tasks, whose server agrees with everything but what `api` says otherwise. */
export async function storeWith(tasks: Task[], api: Partial<TaskApi> = {}, memory = inMemoryStorage()) {
  const full: TaskApi = {
    list: async () => tasks,
    add: async (title) => task(99, { title }),
    change: async (id, patch) => task(id, { ...patch, updated_at: '2026-01-02T00:00:00Z' }),
    remove: vi.fn(async () => {}),
    removeLeaving: vi.fn(),
    ...api,
  };
  const store = new TaskStore(full, new Outbox(memory, 'u-1'));
  await store.load();
  return { store, memory, api: full, titles: () => store.view.get().tasks.map((one) => one.title) };
}
