import { useLayoutEffect, useRef, type ReactNode } from 'react';
import type { Task } from '../api/types';
import { useIsNearViewport } from './useIsNearViewport';

const ROW_PX = 44;
/** In a longer list only the blocks near to what is seen are drawn. */
export const VIRTUAL_ABOVE = 1_500;

interface VirtualRowsProps {
  tasks: Task[];
  row(task: Task): ReactNode;
  many: boolean;
  drawnAtOnce: boolean;
}

/** A block of rows; off the screen it is not laid out, and one of very many not drawn. */
export function VirtualRows({ tasks, row, many, drawnAtOnce }: VirtualRowsProps) {
  const box = useRef<HTMLDivElement>(null);
  const height = useRef(tasks.length * ROW_PX);
  const near = useIsNearViewport(box, many, drawnAtOnce);
  useLayoutEffect(() => {
    if (many && near) height.current = box.current?.offsetHeight || height.current;
  });
  const size = near ? { containIntrinsicSize: `auto ${tasks.length * ROW_PX}px` } : { height: height.current };
  return (
    <div ref={box} role="none" data-block={near ? 'drawn' : 'empty'} className={many ? '' : '[content-visibility:auto]'} style={size}>
      {near && tasks.map(row)}
    </div>
  );
}
