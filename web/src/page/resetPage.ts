import { clearAnnouncement } from './announce';
import { overlay } from './overlay';
import { clearRoute } from './route';
import { clearToasts } from './toasts';

/** Takes what is about the last person off the page: messages, what was said to screen readers, title and address. */
export function resetPageAfterSignOut(): void {
  clearMessages();
  overlay.set(null);
  clearRoute();
  document.title = 'Todo chat';
}

/** What came after the last person had gone: requests that were still on their way. */
export function clearMessages(): void {
  clearToasts();
  clearAnnouncement();
}
