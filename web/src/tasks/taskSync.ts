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

/** Runs `refresh` when the person comes back to the page, or the network does. */
export function onReturn(refresh: () => void): () => void {
  const visible = () => document.visibilityState === 'visible' && refresh();
  document.addEventListener('visibilitychange', visible);
  window.addEventListener('online', refresh);
  return () => {
    document.removeEventListener('visibilitychange', visible);
    window.removeEventListener('online', refresh);
  };
}
