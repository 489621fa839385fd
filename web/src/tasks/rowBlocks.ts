import type { Task } from '../api/types';

/** How many rows are laid out together. */
const BLOCK = 20;

export interface RowBlock {
  key: string;
  tasks: Task[];
}

/**
 * Cuts rows into blocks, in their order. Where the newest is first they are cut by task number, so that a new task
 * moves nobody else's row into another block; otherwise by their place.
 */
export function rowBlocks(tasks: Task[]): RowBlock[] {
  const newestFirst = tasks.every((task, index) => index === 0 || task.id < tasks[index - 1]!.id);
  const blocks = new Map<number, Task[]>();
  tasks.forEach((task, index) => {
    const number = Math.floor((newestFirst ? task.id : index) / BLOCK);
    const block = blocks.get(number);
    if (block) block.push(task);
    else blocks.set(number, [task]);
  });
  return [...blocks].map(([number, part]) => ({ key: `${newestFirst ? 'number' : 'place'}-${number}`, tasks: part }));
}
