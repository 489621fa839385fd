import type { Session } from '../session/session';
import { jsonRequest, readAnswer } from './send';
import type { Change, ChangePage, Conflict, Schemas, Undone } from './types';

/** Which changes are asked for: all, or those of one task or one day (`2026-11-28`). */
export interface ChangeFilter {
  task?: number | null;
  day?: string | null;
}

export interface ChangeApi {
  /** The newest page of changes, or the page before the change `before`. */
  list(filter: ChangeFilter, before?: number | null): Promise<ChangePage>;
  /** Takes back what a whole answer did; with `rest` only what nobody changed since. `key` makes a repeated call harmless. */
  undoTurn(turn: string, rest: boolean, key: string): Promise<Undone>;
  undoChange(id: number, rest: boolean, key: string): Promise<Undone>;
}

/** Nothing was taken back, because these tasks were changed since. */
export class UndoConflict extends Error {
  override name = 'UndoConflict';
  constructor(
    message: string,
    readonly conflicts: Conflict[],
  ) {
    super(message);
  }
}

/** Whether a change took others back. */
export const isUndo = ({ undoes }: Pick<Change, 'undoes'>) => undoes !== null;

const PAGE = 50;

export function changeApi(session: Session, userId: string): ChangeApi {
  const undo = async (what: string, rest: boolean, key: string): Promise<Undone> => {
    const request = jsonRequest<'UndoRequest'>('POST', { rest }, { 'idempotency-key': key });
    const response = await session.fetch(`/api/${userId}/${what}/undo`, { ...request, replayable: true });
    if (response.status === 409) {
      const problem = (await response.clone().json()) as Schemas['Problem'];
      if (problem.code === 'undo_conflict') throw new UndoConflict(problem.detail, problem.conflicts ?? []);
    }
    return readAnswer(response);
  };
  return {
    async list({ task, day }, before) {
      const query = new URLSearchParams({ limit: String(PAGE) });
      if (task) query.set('task', String(task));
      if (day) query.set('day', day);
      if (before) query.set('before', String(before));
      return readAnswer(await session.fetch(`/api/${userId}/activity?${query}`));
    },
    undoTurn: (turn, rest, key) => undo(`turns/${encodeURIComponent(turn)}`, rest, key),
    undoChange: (id, rest, key) => undo(`changes/${id}`, rest, key),
  };
}
