import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { dragRow } from '../src/tasks/dragRow';
import type { Target } from '../src/tasks/manualOrder';

/** The frames that wait to be drawn. */
let frames: Array<() => void>;
let page: EventTarget;

const box = (top: number, bottom: number) => () => ({ left: 0, width: 100, top, bottom });
const element = (dataset: Record<string, string>, top: number, bottom: number) => ({ dataset, style: { removeProperty: () => {} }, getBoundingClientRect: box(top, bottom), removeAttribute: () => {} });

/** A list of two rows in a box that can be scrolled; the lower row is held by its grip near the lower edge. */
function held(dropped: Target[]) {
  const over = { ...element({ task: '1', movable: '', parent: '' }, 0, 50), closest: () => over };
  const row = { ...element({ task: '2', movable: '', parent: '' }, 50, 100), parentElement: { style: { removeProperty: () => {} } }, closest: () => row };
  const list = { ...element({}, 0, 100), append: () => {}, contains: () => true, querySelectorAll: () => [] };
  const scroller = { scrollTop: 0, getBoundingClientRect: box(0, 100) };
  const grip = { setPointerCapture: () => {}, hasPointerCapture: () => true };
  vi.stubGlobal('document', { createElement: () => ({ style: {}, remove: () => {} }), elementsFromPoint: () => [row, over] });
  const event = { pointerId: 1, clientY: 90, target: grip } as unknown as PointerEvent;
  dragRow({ row, event, list, scroller, onDrop: (target: Target) => dropped.push(target) } as unknown as Parameters<typeof dragRow>[0]);
  return { row, scroller };
}

const pointer = (name: string, clientY: number) => page.dispatchEvent(Object.assign(new Event(name), { pointerId: 1, clientY }));
const draw = () => frames.splice(0).forEach((frame) => frame());

beforeEach(() => {
  frames = [];
  page = new EventTarget();
  vi.stubGlobal('window', page);
  vi.stubGlobal('KeyboardEvent', class {});
  vi.stubGlobal('requestAnimationFrame', (frame: () => void) => frames.push(frame));
  vi.stubGlobal('cancelAnimationFrame', () => (frames = []));
});
afterEach(() => vi.unstubAllGlobals());

test('a grip that is held near the edge, and trembles, moves nothing', () => {
  const dropped: Target[] = [];
  const { scroller } = held(dropped);
  draw();
  pointer('pointermove', 92);
  draw();
  pointer('pointerup', 92);
  expect(scroller.scrollTop).toBe(0);
  expect(dropped).toEqual([]);
});

test('a grip that is moved takes its row along, and scrolls near the edge', () => {
  const dropped: Target[] = [];
  const { row, scroller } = held(dropped);
  pointer('pointermove', 94);
  draw();
  expect(scroller.scrollTop).toBeGreaterThan(0);
  expect(row.style).toHaveProperty('transform');
  // Moved back to where it was taken, it is still on its way.
  pointer('pointermove', 90);
  pointer('pointermove', 10);
  pointer('pointerup', 10);
  expect(dropped).toEqual([{ id: 1, side: 'before' }]);
});
