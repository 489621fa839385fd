import type { ChangeApi } from '../api/changeApi';
import { isUndo, UndoConflict } from '../api/changeApi';
import { ApiError, SignedOut, Unreachable } from '../api/apiErrors';
import type { ToolKind } from '../api/toolKind';
import type { Change, ChangeKind, Conflict, Undone } from '../api/types';
import { newId } from '../newId';
import { createStore, type Store } from '../store';

/** What one tool call of an answer did to some tasks. */
export interface UndoableCall {
  turn: string;
  kind: ToolKind;
  tasks: number[];
  /** How many calls of this kind for the same task came before it in the answer. */
  earlier: number;
  /** It is all that the answer did. */
  alone: boolean;
}

/** What is to be taken back: a whole answer, one tool call of it, or changes by their numbers. */
export type UndoTarget = { turn: string } | { undoable: UndoableCall } | { changes: number[] };

/** Something that was changed since stands in the way. */
export interface UndoBlocked {
  /** The button that was pressed, to be told of what is undone after all. */
  place: string;
  /** What is not undone yet. */
  target: Exclude<UndoTarget, { undoable: UndoableCall }>;
  conflicts: Conflict[];
  redoing: boolean;
  /** What was undone before something stood in the way: changes are undone one by one. */
  already: Undone;
}

/** How far undoing came, and what stands in the way of the rest. */
interface UndoResult {
  undone: Undone;
  blocked: Pick<UndoBlocked, 'target' | 'conflicts'> | null;
}

interface UndoDependencies {
  api: ChangeApi;
  /** Runs before the server is asked, so that it undoes what the person sees. */
  before(): Promise<void>;
  /** Takes in what was undone. */
  apply(undone: Undone): void;
  /** Tells it: `redo` does the opposite, where that is possible. */
  onUndone(undone: Undone, redoing: boolean, redo: (() => void) | null): void;
  onError(error: unknown): void;
}

/**
 * Takes back what was done to the list, and takes that back in turn. Nothing is overwritten: where somebody changed a
 * task since, nothing happens until the person has seen it.
 */
export class Undo {
  /** What was undone from this page, by the place of its button: the changes that undid it. */
  readonly done: Store<ReadonlyMap<string, number[]>> = createStore<ReadonlyMap<string, number[]>>(new Map());
  readonly blocked: Store<UndoBlocked | null> = createStore<UndoBlocked | null>(null);
  /** Kept until somebody answers, so that pressing the button again undoes once. */
  private readonly keys = new Map<string, string>();

  constructor(private readonly deps: UndoDependencies) {}

  /** `place` names the button; undone from there, it offers to redo. */
  undo(place: string, target: UndoTarget): Promise<void> {
    return this.run(place, target, false, false);
  }

  /** Takes back what was undone at this place. */
  async redo(place: string): Promise<void> {
    const changes = this.done.get().get(place);
    if (changes) await this.run(place, { changes }, false, true);
  }

  /** Goes on after it was blocked, without what was changed since. */
  async undoTheRest(): Promise<void> {
    const blocked = this.blocked.get();
    this.blocked.set(null);
    if (blocked) await this.run(blocked.place, blocked.target, true, blocked.redoing, blocked.already);
  }

  /** `already` is what was undone of it before. */
  private async run(place: string, target: UndoTarget, rest: boolean, redoing: boolean, already = NOTHING): Promise<void> {
    try {
      await this.deps.before();
      const { undone, blocked } = await this.send(target, rest);
      if (!blocked || undone.changes.length > 0) this.deps.apply(undone);
      const all = joined(already, undone);
      const ids = all.changes.map(({ id }) => id);
      if (!redoing) this.note(place, ids);
      else if (ids.length > 0) this.note(place, stillToRedo(blocked));
      if (blocked) this.blocked.set({ place, ...blocked, redoing, already: all });
      else this.deps.onUndone(all, redoing, !redoing && ids.length > 0 ? () => void this.redo(place) : null);
    } catch (error) {
      // Somebody else has redone all of it.
      if (redoing && isOver(error)) this.note(place, []);
      this.deps.onError(error);
    }
  }

  /** What was undone at these places is there no more: something else was done in its place. */
  forget(places: string[]): void {
    for (const place of places) if (this.done.get().has(place)) this.note(place, []);
  }

  private note(place: string, changes: number[]): void {
    const next = new Map(this.done.get());
    if (changes.length > 0) next.set(place, changes);
    else next.delete(place);
    this.done.set(next);
  }

  private async send(target: UndoTarget, rest: boolean): Promise<UndoResult> {
    const name = JSON.stringify([target, rest]);
    const key = this.keys.get(name) ?? newId();
    this.keys.set(name, key);
    try {
      const result = 'turn' in target ? await this.whole(target.turn, rest, key) : await this.each(await this.numbers(target), rest, key);
      this.keys.delete(name);
      return result;
    } catch (error) {
      if (!(error instanceof Unreachable || error instanceof SignedOut)) this.keys.delete(name);
      throw error;
    }
  }

  private async whole(turn: string, rest: boolean, key: string): Promise<UndoResult> {
    try {
      return { undone: await this.deps.api.undoTurn(turn, rest, key), blocked: null };
    } catch (error) {
      if (!(error instanceof UndoConflict)) throw error;
      const { conflicts } = error;
      // Where nothing is left to undo, the server says so as a conflict, also of the rest.
      return rest ? { undone: leftOut(conflicts), blocked: null } : { undone: NOTHING, blocked: { target: { turn }, conflicts } };
    }
  }

  /** One after the other, the newest first: each was made upon the one before it. What is undone by now is passed over. */
  private async each(changes: number[], rest: boolean, key: string): Promise<UndoResult> {
    const newestFirst = [...changes].sort((a, b) => b - a);
    let undone = NOTHING;
    let over: unknown = null;
    for (const [index, id] of newestFirst.entries()) {
      try {
        undone = joined(undone, await this.deps.api.undoChange(id, rest, `${key}-${id}`));
      } catch (error) {
        if (isOver(error)) over = error;
        else if (error instanceof UndoConflict) {
          if (!rest) return { undone, blocked: { target: { changes: newestFirst.slice(index) }, conflicts: error.conflicts } };
          undone = joined(undone, leftOut(error.conflicts));
        } else {
          // What is undone shows, whatever became of the others.
          if (undone.changes.length > 0) this.deps.apply(undone);
          throw error;
        }
      }
    }
    if (over && !rest && undone.changes.length === 0) throw over;
    return { undone, blocked: null };
  }

  /** The numbers of the changes: of a tool call they are looked up in what is recorded of its tasks. */
  private async numbers(target: Exclude<UndoTarget, { turn: string }>): Promise<number[]> {
    if ('changes' in target) return [...target.changes];
    const { turn, kind, tasks, earlier } = target.undoable;
    const found = await Promise.all(tasks.map((task) => this.deps.api.list({ task })));
    return found.flatMap(({ changes }) => {
      const ofTurn = changes.filter((change) => change.turn_id === turn && !isUndo(change)).sort((a, b) => a.id - b.id);
      const ofKind = KINDS[kind].map((kinds) => ofTurn.filter((change) => kinds.includes(change.kind))).find((some) => some.length > 0) ?? [];
      const one = ofKind[earlier] ?? ofKind.at(-1);
      return one ? [one.id] : [];
    });
  }
}

const NOTHING: Undone = { changes: [], tasks: [], left_out: [] };

const leftOut = (conflicts: Conflict[]): Undone => ({ ...NOTHING, left_out: conflicts });

const joined = (a: Undone, b: Undone): Undone => ({ changes: [...a.changes, ...b.changes], tasks: [...a.tasks, ...b.tasks], left_out: [...a.left_out, ...b.left_out] });

/** Whether there is nothing to undo any more. */
const isOver = (error: unknown) => error instanceof ApiError && ['already_undone', 'nothing_to_undo'].includes(error.code);

/** What a button goes on to redo: not what is in the way, when that alone is left. */
function stillToRedo(blocked: UndoResult['blocked']): number[] {
  return blocked && 'changes' in blocked.target && blocked.target.changes.length > 1 ? blocked.target.changes : [];
}

const TICKS: ChangeKind[] = ['completed', 'reopened', 'repeated'];

/** Which changes a tool of this kind makes, and which it makes where there are none of those. */
const KINDS: Record<ToolKind, ChangeKind[][]> = { add: [['added']], list: [], recall: [], undo: [], update: [['updated'], TICKS], complete: [TICKS], delete: [['deleted']] };

/** What was undone, in words. */
export function undoneInWords({ changes, left_out }: Undone, redoing: boolean): string {
  const head = redoing ? 'Done again' : 'Undone';
  const left = left_out.length === 0 ? '' : ` ${tasks(left_out.length)} ${left_out.length === 1 ? 'was' : 'were'} left as ${left_out.length === 1 ? 'it is' : 'they are'}, because of what was done since.`;
  const [only, another] = changes;
  if (!only) return `Nothing was ${redoing ? 'done again' : 'undone'}.${left}`;
  const became = (change: Change, many: 0 | 1) => BECAME[redoing && stateAfter(change) === 'before' ? 'changed' : stateAfter(change)][many];
  if (!another) return `${head}: “${shorten(only.title)}” ${became(only, 0)}.${left}`;
  const alike = new Map<State, Change[]>();
  for (const change of changes) alike.set(stateAfter(change), [...(alike.get(stateAfter(change)) ?? []), change]);
  const parts = [...alike.values()].map((some) => `${tasks(some.length)} ${became(some[0]!, some.length === 1 ? 0 : 1)}`);
  return `${head}: ${parts.join(', ')}.${left}`;
}

/** That something is in the way, in words, before it is said what. */
export function blockedInWords({ conflicts, redoing, already }: UndoBlocked): { title: string; description: string } {
  const these = conflicts.length === 1 ? 'this was' : 'these were';
  if (already.changes.length === 0) return { title: redoing ? 'Not done again' : 'Not undone', description: `Nothing was changed, because ${these} in the way:` };
  return { title: `${redoing ? 'Done again' : 'Undone'} in part`, description: `${undoneInWords(already, redoing)} T${these.slice(1)} in the way of the rest:` };
}

/** Why a task was left alone, in words. */
export function conflictInWords({ title, reason }: Conflict): string {
  const reasons: Record<Conflict['reason'], string> = { changed: 'was changed since', deleted: 'was deleted since', restored: 'was deleted and came back since' };
  // A page that has been open for long may meet a newer server.
  return `“${title}” ${reasons[reason] ?? 'is in the way'}`;
}

type State = 'gone' | 'back' | 'done' | 'open' | 'before' | 'changed';

function stateAfter({ kind, before, after }: Change): State {
  if (!after) return 'gone';
  if (!before) return 'back';
  if (kind === 'completed') return 'done';
  return kind === 'reopened' ? 'open' : 'before';
}

/** Of one task, and of several. */
const BECAME: Record<State, [string, string]> = {
  gone: ['is off the list', 'are off the list'],
  back: ['is on the list', 'are on the list'],
  done: ['is ticked off', 'are ticked off'],
  open: ['is to do', 'are to do'],
  before: ['is as it was', 'are as they were'],
  changed: ['is changed', 'are changed'],
};

const tasks = (count: number) => (count === 1 ? '1 task' : `${count} tasks`);

const shorten = (title: string) => (title.length > 40 ? `${title.slice(0, 39)}…` : title);
