import type { Task } from '../api/types';
import type { TaskGroup } from './filterTasks';

/** How many rows are laid out together. */
const BLOCK = 20;
/** Blocks of a group that are drawn at once, before anybody knows what is seen. */
const FIRST = 3;

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

/** One of the things that stand below each other in the list. */
export type ListPart =
  | { kind: 'heading'; key: string; label: string }
  | { kind: 'rows'; key: string; tasks: Task[]; indented: ReadonlySet<number>; drawnAtOnce: boolean }
  | { kind: 'editor'; key: string; task: Task };

/**
 * The list from top to bottom. The open editor stands in no group and no block: with its key it is the same one
 * wherever its task goes, so that nobody who types into it loses the focus or what is not saved.
 */
export function listParts(groups: TaskGroup[], open: number | null): ListPart[] {
  return groups.flatMap(({ key: group, label, tasks, indented }) => {
    const parts: ListPart[] = label ? [{ kind: 'heading', key: `${group}-heading`, label }] : [];
    rowBlocks(tasks).forEach(({ key, tasks: block }, index) => {
      const rows = { kind: 'rows' as const, key: `${group}-${key}`, indented, drawnAtOnce: index < FIRST };
      const at = block.findIndex(({ id }) => id === open);
      if (at === -1) return parts.push({ ...rows, tasks: block });
      // The block stays, also when nothing is left above the editor: it is drawn when the editor closes.
      parts.push({ ...rows, tasks: block.slice(0, at) }, editorPart(block[at]!));
      if (at + 1 < block.length) parts.push({ ...rows, key: `${rows.key}-below`, tasks: block.slice(at + 1), drawnAtOnce: true });
    });
    return parts;
  });
}

/**
 * The groups with an edited task where it was `before`, when it belongs elsewhere or nowhere by now: by the clock, or
 * because somebody else changed it. In its group it goes where its place is.
 */
export function heldInPlace(groups: TaskGroup[], before: TaskGroup[], task: Task): TaskGroup[] {
  const holds = ({ tasks }: TaskGroup) => tasks.some(({ id }) => id === task.id);
  const was = before.find(holds);
  if (!was || groups.find(holds)?.key === was.key) return groups;
  const others = groups.map((group) => (holds(group) ? { ...group, tasks: group.tasks.filter(({ id }) => id !== task.id) } : group)).filter(({ tasks }) => tasks.length > 0);
  const at = others.findIndex(({ key }) => key === was.key);
  const group = others[at];
  if (!group) {
    const above = before.slice(0, before.indexOf(was)).map(({ key }) => key);
    return insert(others, others.findLastIndex(({ key }) => above.includes(key)) + 1, { ...was, tasks: [task] });
  }
  const above = new Set(was.tasks.slice(0, was.tasks.findIndex(({ id }) => id === task.id)).map(({ id }) => id));
  const tasks = insert(group.tasks, group.tasks.findLastIndex(({ id }) => above.has(id)) + 1, task);
  return others.map((one) => (one === group ? { ...group, tasks } : one));
}

const insert = <T>(list: T[], at: number, one: T): T[] => [...list.slice(0, at), one, ...list.slice(at)];

const editorPart = (task: Task): ListPart => ({ kind: 'editor', key: `editor-${task.id}`, task });
