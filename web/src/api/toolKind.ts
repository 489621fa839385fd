/** What a tool of the assistant does. */
export type ToolKind = 'add' | 'list' | 'update' | 'complete' | 'delete' | 'undo' | 'recall';

/** The names of the server's tools: no other place of the page knows them. */
const KINDS = new Map<string, ToolKind>([
  ['add_task', 'add'],
  ['list_tasks', 'list'],
  ['update_task', 'update'],
  ['complete_task', 'complete'],
  ['delete_task', 'delete'],
  ['list_changes', 'recall'],
  ['undo_last', 'undo'],
  // What another answer took back of the one that it replaces.
  ['undo_replaced', 'undo'],
]);

/** Returns what the tool of this name does; `undefined` for one that this page does not know yet. */
export function toolKind(name: string): ToolKind | undefined {
  return KINDS.get(name);
}
