import { toast } from './toasts';

/** Copies a text, and says `done` or that the browser does not let the page. */
export function copyText(text: string, done: string): Promise<void> {
  return navigator.clipboard.writeText(text).then(
    () => toast(done),
    () => toast('Your browser does not let this page copy.', { tone: 'problem' }),
  );
}
