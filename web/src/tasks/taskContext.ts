import type { ChangeApi } from '../api/changeApi';
import type { Task } from '../api/types';
import type { Clock } from '../page/clock';
import { requiredContext } from '../requiredContext';
import type { Store } from '../store';
import type { NewTaskDraft } from './newTaskDraft';
import type { Undo } from './serverUndo';
import type { TaskDraftStore } from './taskDraftStore';
import type { TaskStore } from './taskStore';

/** What components read of the list of the person who is signed in. */
export interface TaskContextValue {
  tasks: TaskStore;
  /** What time it is where the person is. */
  clock: Clock;
  taskDrafts: TaskDraftStore;
  newTaskDraft: NewTaskDraft;
  /** Tasks the assistant has just changed, highlighted for a moment. */
  highlighted: Store<ReadonlySet<number>>;
  /** The task that a tool call changed, as it was, where this page saw it change. */
  before(callId: string): Task | undefined;
  changes: ChangeApi;
  undo: Undo;
}

export const [TaskContext, useTaskContext] = requiredContext<TaskContextValue>('TaskContext');
