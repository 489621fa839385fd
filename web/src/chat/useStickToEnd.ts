import { useCallback, useEffect, useRef, useState } from 'react';

const NEAR_PX = 80;

/** Keeps a scroller at its end while the person is there, and lets go as soon as they scroll up to read. */
export function useStickToEnd() {
  const scroller = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const stick = useRef(true);
  const [atEnd, setAtEnd] = useState(true);

  const toEnd = useCallback((smooth = false) => {
    const box = scroller.current;
    stick.current = true;
    setAtEnd(true);
    box?.scrollTo({ top: box.scrollHeight, behavior: smooth ? 'smooth' : 'instant' });
  }, []);

  useEffect(() => {
    const box = scroller.current;
    if (!box || !content.current) return;
    let height = box.scrollHeight;
    const onScroll = () => {
      const near = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_PX;
      // Growing content moves the end away; only the person lets go of it.
      if (near || box.scrollHeight <= height) stick.current = near;
      height = box.scrollHeight;
      setAtEnd(near || stick.current);
    };
    const grown = new ResizeObserver(() => stick.current && box.scrollTo({ top: box.scrollHeight, behavior: 'instant' }));
    grown.observe(content.current);
    grown.observe(box);
    box.addEventListener('scroll', onScroll, { passive: true });
    return () => {
      grown.disconnect();
      box.removeEventListener('scroll', onScroll);
    };
  }, []);

  return { scroller, content, atEnd, toEnd };
}
