import { useLayoutEffect, useRef, type ReactNode } from 'react';
import type { Task } from '../api/types';
import { useIsNearViewport } from './useIsNearViewport';
import { rowBlocks } from './rowBlocks';

const ROW_PX = 44;
/** In a longer list only the blocks near to what is seen are drawn. */
export const VIRTUAL_ABOVE = 1_500;
/** Blocks that are drawn at once, before anybody knows what is seen. */
const FIRST = 3;

interface VirtualRowsProps {
  tasks: Task[];
  row(task: Task): ReactNode;
  many: boolean;
}

/** Rows in blocks; a block that is off the screen is not laid out, and of very many not drawn. */
export function VirtualRows({ tasks, row, many }: VirtualRowsProps) {
  return rowBlocks(tasks).map(({ key, tasks: part }, index) => <Block key={key} tasks={part} row={row} many={many} first={index < FIRST} />);
}

function Block({ tasks, row, many, first }: VirtualRowsProps & { first: boolean }) {
  const box = useRef<HTMLDivElement>(null);
  const height = useRef(tasks.length * ROW_PX);
  const near = useIsNearViewport(box, many, first);
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
