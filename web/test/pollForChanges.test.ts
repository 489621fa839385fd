import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { POLL_MS, pollForChanges } from '../src/page/pollForChanges';

let page: EventTarget & { visibilityState: string };
let frame: EventTarget;
beforeEach(() => {
  vi.useFakeTimers();
  page = Object.assign(new EventTarget(), { visibilityState: 'visible' });
  frame = new EventTarget();
  vi.stubGlobal('document', page);
  vi.stubGlobal('window', frame);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test('it reads again regularly while the page is visible, and when one comes back', async () => {
  const refresh = vi.fn(async () => {});
  const stop = pollForChanges(refresh);
  await vi.advanceTimersByTimeAsync(POLL_MS);
  expect(refresh).toHaveBeenCalledTimes(1);
  page.visibilityState = 'hidden';
  await vi.advanceTimersByTimeAsync(10 * POLL_MS);
  expect(refresh).toHaveBeenCalledTimes(1);
  page.visibilityState = 'visible';
  page.dispatchEvent(new Event('visibilitychange'));
  expect(refresh).toHaveBeenCalledTimes(2);
  stop();
  await vi.advanceTimersByTimeAsync(10 * POLL_MS);
  expect(refresh).toHaveBeenCalledTimes(2);
});

test('the network brings it back also behind other pages, and never twice at once', async () => {
  let done: () => void = () => {};
  const refresh = vi.fn(() => new Promise<void>((resolve) => (done = resolve)));
  pollForChanges(refresh);
  page.visibilityState = 'hidden';
  frame.dispatchEvent(new Event('online'));
  frame.dispatchEvent(new Event('online'));
  expect(refresh).toHaveBeenCalledTimes(1);
  done();
  await vi.advanceTimersByTimeAsync(0);
  frame.dispatchEvent(new Event('online'));
  expect(refresh).toHaveBeenCalledTimes(2);
});
