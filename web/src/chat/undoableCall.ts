import { toolKind } from '../api/toolKind';
import type { UndoableCall } from '../tasks/serverUndo';
import { isToolPart, toolName, type ChatMessage, type ToolPart } from './message';

interface Outcome {
  success?: boolean;
  task?: { id: number };
  results?: Outcome[];
}

/** What a tool call of this answer did to tasks, so that it can be undone; nothing when it changed none. */
export function undoableCall(message: Pick<ChatMessage, 'id' | 'parts'>, part: ToolPart): UndoableCall | null {
  const kind = toolKind(toolName(part));
  const tasks = changedTasks(part);
  // What was undone is undone with its whole answer only.
  if (!kind || kind === 'undo' || tasks.length === 0) return null;
  const calls: ToolPart[] = message.parts.flatMap((one) => (isToolPart(one) ? [one] : []));
  const before = calls.slice(0, calls.indexOf(part)).filter((other) => toolName(other) === toolName(part));
  const earlier = before.filter((other) => changedTasks(other).includes(tasks[0]!)).length;
  const alone = calls.every((other) => other === part || changedTasks(other).length === 0);
  return { turn: message.id, kind, tasks, earlier, alone };
}

/** The places of the buttons that undo what an answer did: as a whole, and card by card. */
export const undoPlaces = (message: Pick<ChatMessage, 'id' | 'parts'>): string[] => [message.id, ...message.parts.flatMap((part) => (isToolPart(part) ? [part.toolCallId] : []))];

/** Whether anything that an answer did can be undone. */
export function hasUndoableCalls(message: Pick<ChatMessage, 'parts'>): boolean {
  return message.parts.some((part) => isToolPart(part) && changedTasks(part).length > 0);
}

function changedTasks(part: ToolPart): number[] {
  const kind = toolKind(toolName(part));
  if (!kind || kind === 'list' || kind === 'recall' || part.state !== 'output-available') return [];
  const output = (part.output ?? {}) as Outcome;
  const one = ({ success, task }: Outcome) => (success && task ? [task.id] : []);
  return (output.results ?? [output]).flatMap(one);
}
