import { toast } from './toasts';

/** Copies a text, and says `done` or that the browser does not let the page. */
export async function copyText(text: string, done: string): Promise<void> {
  try {
    // There is no clipboard on a page that came by plain http.
    await navigator.clipboard.writeText(text);
    toast(done);
  } catch {
    toast('Your browser does not let this page copy.', { tone: 'problem' });
  }
}
