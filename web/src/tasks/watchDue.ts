import type { Task } from '../api/types';
import { localDue, timeOf } from './dueDates';

export interface DueWatch {
  /** Looks for tasks whose time has come since it looked last: `now` is a moment on the person's clock. */
  look(tasks: Task[], now: string): void;
}

/** Tells of every timed task that comes due while the page is open, once; what was due before is no news. */
export function watchDue(since: string, onDue: (task: Task) => void): DueWatch {
  let last = since;
  return {
    look(tasks, now) {
      if (now <= last) return;
      const from = last;
      last = now;
      for (const task of tasks) {
        const due = localDue(task);
        if (!task.completed && due && timeOf(due) && due > from && due <= now) onDue(task);
      }
    },
  };
}

/** Asks whether the page may notify, where nobody was asked yet: called when somebody sets a time. */
export function askToNotify(): void {
  if (typeof Notification !== 'undefined' && Notification.permission === 'default') void Notification.requestPermission().catch(() => {});
}

/** Notifies outside of the page where the person has agreed to it; `open` runs when they press it. */
export function notify(task: Task, open: () => void): void {
  if (typeof Notification === 'undefined' || Notification.permission !== 'granted') return;
  try {
    // The same tag in every tab: one notification.
    const shown = new Notification(task.title, { body: 'Due now', tag: `todo-chat.${task.id}.${task.due}`, icon: '/favicon.svg' });
    shown.onclick = () => (window.focus(), open());
  } catch {
    // Android knows notifications of service workers only.
  }
}
