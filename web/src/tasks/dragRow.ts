import type { Target } from './manualOrder';

interface Drag {
  /** The row, and the pointer that took it by its grip. */
  row: HTMLElement;
  event: PointerEvent;
  /** The element that holds all rows, and the one that scrolls. */
  list: HTMLElement;
  scroller: HTMLElement;
  onDrop(target: Target): void;
}

/** This near to the edge of the scroller it begins to scroll, the faster the nearer; pixels, and pixels for each frame. */
const EDGE_PX = 56;
const FASTEST_PX = 14;
/** Up to here a pointer only holds the grip: a press near the edge would scroll, and move the row. */
const HOLD_PX = 4;

/** Lets a row follow the pointer until it is let go, and a line show where it would go. Escape leaves it where it was. */
export function dragRow({ row, event, list, scroller, onDrop }: Drag): void {
  const grip = event.target as HTMLElement;
  const level = row.dataset['parent'] ?? '';
  const line = document.createElement('div');
  line.className = 'pointer-events-none absolute inset-x-2 z-30 h-0.5 rounded-full bg-accent';
  line.hidden = true;
  list.append(line);
  const begin = event.clientY + scroller.scrollTop;
  let y = event.clientY;
  let isMoved = false;
  let target: Target | null = null;
  let frame = 0;

  /** The row of the same level at a height: a row below another one stands for that one. */
  const rowAt = (height: number): HTMLElement | null => {
    const { left, width } = list.getBoundingClientRect();
    const found = document.elementsFromPoint(left + width / 2, height).map((one) => one.closest<HTMLElement>('[data-task]'));
    const under = found.find((one) => one !== null && one !== row && list.contains(one));
    if (!under || under.dataset['parent'] === level) return under ?? null;
    return level === '' ? list.querySelector<HTMLElement>(`[data-task="${under.dataset['parent']}"]`) : null;
  };
  const look = () => {
    row.style.transform = `translateY(${y + scroller.scrollTop - begin}px)`;
    const over = rowAt(y);
    if (!over || over === row || over.dataset['movable'] === undefined) return;
    const box = over.getBoundingClientRect();
    const below = [...list.querySelectorAll<HTMLElement>(`[data-parent="${over.dataset['task']}"]`)].at(-1);
    const end = below ? below.getBoundingClientRect().bottom : box.bottom;
    const side = y < (box.top + end) / 2 ? 'before' : 'after';
    target = { id: Number(over.dataset['task']), side };
    line.hidden = false;
    line.style.top = `${(side === 'before' ? box.top : end) - list.getBoundingClientRect().top - 1}px`;
  };
  const scroll = () => {
    const { top, bottom } = scroller.getBoundingClientRect();
    const beyond = !isMoved ? 0 : y < top + EDGE_PX ? y - top - EDGE_PX : y > bottom - EDGE_PX ? y - bottom + EDGE_PX : 0;
    if (beyond) {
      scroller.scrollTop += Math.max(-1, Math.min(1, beyond / EDGE_PX)) * FASTEST_PX;
      look();
    }
    frame = requestAnimationFrame(scroll);
  };
  const move = (moved: PointerEvent) => {
    if (moved.pointerId !== event.pointerId) return;
    y = moved.clientY;
    isMoved ||= Math.abs(y - event.clientY) >= HOLD_PX;
    if (isMoved) look();
  };
  const end = () => {
    cancelAnimationFrame(frame);
    line.remove();
    row.removeAttribute('data-dragged');
    row.style.transform = '';
    row.parentElement?.style.removeProperty('content-visibility');
    for (const [name, listener] of listeners) window.removeEventListener(name, listener as EventListener, true);
  };
  const drop = (dropped: PointerEvent) => {
    if (dropped.pointerId !== event.pointerId) return;
    end();
    if (target) onDrop(target);
  };
  const cancel = (pressed: Event) => {
    if (pressed instanceof KeyboardEvent && pressed.key !== 'Escape') return;
    pressed.stopPropagation();
    end();
  };
  const listeners = [['pointermove', move], ['pointerup', drop], ['pointercancel', cancel], ['keydown', cancel]] as const;

  row.dataset['dragged'] = '';
  // A block that may be skipped paints nothing outside of itself.
  row.parentElement!.style.contentVisibility = 'visible';
  for (const [name, listener] of listeners) window.addEventListener(name, listener as EventListener, true);
  frame = requestAnimationFrame(scroll);
  // The grip keeps the pointer, wherever it goes; one that was let go meanwhile cannot be kept.
  if (!keepsPointer(grip, event.pointerId)) end();
}

function keepsPointer(grip: HTMLElement, pointer: number): boolean {
  try {
    grip.setPointerCapture(pointer);
    return grip.hasPointerCapture(pointer);
  } catch {
    return false;
  }
}
