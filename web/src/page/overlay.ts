import { createStore } from '../store';

/** The dialog or drawer that is open over the page. */
export type Overlay =
  | { kind: 'conversations' | 'commands' | 'account' | 'programs' | 'program-approvals' | 'shortcuts' }
  | { kind: 'conversation'; id: string; title: string }
  /** What was changed: all of it, or one task. */
  | { kind: 'activity'; task?: { id: number; title: string } };

export const overlay = createStore<Overlay | null>(null);
