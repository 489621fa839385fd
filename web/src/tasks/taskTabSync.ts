import type { TaskUpdate, TaskStore } from './taskStore';

/** Tells the other tabs of the same person what changed here, and listens to them. Returns how to stop. */
export function syncTabs(store: TaskStore, userId: string): () => void {
  if (typeof BroadcastChannel === 'undefined') return () => {};
  const channel = new BroadcastChannel(`todo-chat.tasks.${userId}`);
  channel.onmessage = (event: MessageEvent<TaskUpdate>) => store.applyUpdate(event.data);
  store.onUpdate = (update) => channel.postMessage(update);
  return () => {
    store.onUpdate = () => {};
    channel.close();
  };
}
