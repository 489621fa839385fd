import { createStore } from '../store';

/** Whether the server can be reached, as far as the page knows. */
export type ConnectionStatus = 'ok' | 'waking' | 'offline';

export const connection = createStore<ConnectionStatus>('ok');

export function watchConnectionStatus(target: Window): void {
  const update = () => connection.set(target.navigator.onLine ? 'ok' : 'offline');
  target.addEventListener('online', update);
  target.addEventListener('offline', update);
  update();
}
