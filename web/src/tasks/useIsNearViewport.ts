import { useEffect, useState, type RefObject } from 'react';
import { flushSync } from 'react-dom';

/** How far beyond what is seen a block is drawn, so that one never scrolls into nothing. */
const MARGIN_PX = 1_500;

interface Watcher {
  observer: IntersectionObserver;
  listeners: Map<Element, (near: boolean) => void>;
}

/** One for each scroller. */
const watchers = new WeakMap<Element, Watcher>();

/** Draws a block now, as keys that come faster than the screen need it. */
const draws = new WeakMap<Element, () => void>();

export function renderBlockNow(block: Element): void {
  draws.get(block)?.();
}

function watcherOf(scroller: Element): Watcher {
  const known = watchers.get(scroller);
  if (known) return known;
  const listeners: Watcher['listeners'] = new Map();
  const observer = new IntersectionObserver((entries) => entries.forEach(({ target, isIntersecting }) => listeners.get(target)?.(isIntersecting)), { root: scroller, rootMargin: `${MARGIN_PX}px 0px` });
  const watcher = { observer, listeners };
  watchers.set(scroller, watcher);
  return watcher;
}

/**
 * Whether a block is seen or about to be. One that has the focus, or that is dragged from, counts as near wherever
 * it is. Always, where that is not `wanted`.
 */
export function useIsNearViewport(block: RefObject<HTMLElement | null>, wanted: boolean, first: boolean): boolean {
  const [near, setNear] = useState(first);
  useEffect(() => {
    const element = block.current;
    const scroller = element?.closest('[data-scroller]');
    if (!wanted || !element || !scroller) return;
    const { observer, listeners } = watcherOf(scroller);
    listeners.set(element, (now) => setNear((before) => now || (before && (element.contains(document.activeElement) || element.querySelector('[data-dragged]') !== null))));
    draws.set(element, () => flushSync(() => setNear(true)));
    observer.observe(element);
    return () => {
      draws.delete(element);
      observer.unobserve(element);
      listeners.delete(element);
    };
  }, [block, wanted]);
  return near || !wanted;
}
