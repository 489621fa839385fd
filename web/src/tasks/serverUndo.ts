import type { ChangeApi } from '../api/changeApi';
import { isUndo, UndoConflict } from '../api/changeApi';
import { SignedOut, Unreachable } from '../api/problem';
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
  target: UndoTarget;
  conflicts: Conflict[];
  redoing: boolean;
}

interface UndoDependencies {
  api: ChangeApi;
  /** Runs before the server is asked, so that it undoes what the person sees. */
  before(): Promise<void>;
  /** Takes in what was undone. */
  apply(undone: Undone): void;
  /** Tells it: `redo` does the opposite, where that is possible. */
  tell(undone: Undone, redoing: boolean, redo: (() => void) | null): void;
  refuse(error: unknown): void;
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

  constructor(private readonly around: UndoDependencies) {}

  /** `place` names the button; undone from there, it offers to redo. */
  undo(place: string, target: UndoTarget, rest = false): Promise<void> {
    return this.run(place, target, rest, false);
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
    if (blocked) await this.run(blocked.place, blocked.target, true, blocked.redoing);
  }

  private async run(place: string, target: UndoTarget, rest: boolean, redoing: boolean): Promise<void> {
    try {
      await this.around.before();
      const undone = await this.send(target, rest);
      this.around.apply(undone);
      const possible = !redoing && undone.changes.length > 0;
      this.note(place, possible ? undone.changes.map(({ id }) => id) : null);
      this.around.tell(undone, redoing, possible ? () => void this.redo(place) : null);
    } catch (error) {
      if (error instanceof UndoConflict) this.blocked.set({ place, target, conflicts: error.conflicts, redoing });
      else this.around.refuse(error);
    }
  }

  private note(place: string, changes: number[] | null): void {
    const next = new Map(this.done.get());
    if (changes) next.set(place, changes);
    else next.delete(place);
    this.done.set(next);
  }

  private async send(target: UndoTarget, rest: boolean): Promise<Undone> {
    const name = JSON.stringify([target, rest]);
    const key = this.keys.get(name) ?? newId();
    this.keys.set(name, key);
    try {
      const undone = 'turn' in target ? await this.around.api.undoTurn(target.turn, rest, key) : await this.each(await this.numbers(target), rest, key);
      this.keys.delete(name);
      return undone;
    } catch (error) {
      if (!(error instanceof Unreachable || error instanceof SignedOut)) this.keys.delete(name);
      throw error;
    }
  }

  /** One after the other, the newest first: each was made upon the one before it. */
  private async each(changes: number[], rest: boolean, key: string): Promise<Undone> {
    const all: Undone = { changes: [], tasks: [], left_out: [] };
    for (const id of changes.sort((a, b) => b - a)) {
      const one = await this.around.api.undoChange(id, rest, `${key}-${id}`).catch((error: unknown) => {
        // What is undone shows, whatever became of the others.
        if (all.changes.length > 0) this.around.apply(all);
        throw error;
      });
      all.changes.push(...one.changes);
      all.tasks.push(...one.tasks);
      all.left_out.push(...one.left_out);
    }
    return all;
  }

  /** The numbers of the changes: of a tool call they are looked up in what is recorded of its tasks. */
  private async numbers(target: Exclude<UndoTarget, { turn: string }>): Promise<number[]> {
    if ('changes' in target) return [...target.changes];
    const { turn, kind, tasks, earlier } = target.undoable;
    const found = await Promise.all(tasks.map((task) => this.around.api.list({ task })));
    return found.flatMap(({ changes }) => {
      const ofTurn = changes.filter((change) => change.turn_id === turn && !isUndo(change)).sort((a, b) => a.id - b.id);
      const ofKind = KINDS[kind].map((kinds) => ofTurn.filter((change) => kinds.includes(change.kind))).find((some) => some.length > 0) ?? [];
      const one = ofKind[earlier] ?? ofKind.at(-1);
      return one ? [one.id] : [];
    });
  }
}

const TICKS: ChangeKind[] = ['completed', 'reopened', 'repeated'];

/** Which changes a tool of this kind makes, and which it makes where there are none of those. */
const KINDS: Record<ToolKind, ChangeKind[][]> = { add: [['added']], list: [], recall: [], undo: [], update: [['updated'], TICKS], complete: [TICKS], delete: [['deleted']] };

/** What was undone, in words. */
export function undoneInWords({ changes, left_out }: Undone, redoing: boolean): string {
  const head = redoing ? 'Done again' : 'Undone';
  const left = left_out.length === 0 ? '' : ` ${tasks(left_out.length)} ${left_out.length === 1 ? 'was' : 'were'} left as ${left_out.length === 1 ? 'it is' : 'they are'}, because of what was done since.`;
  const [only, another] = changes;
  if (!only) return `Nothing was undone.${left}`;
  const became = (change: Change, many: 0 | 1) => BECAME[redoing && stateAfter(change) === 'before' ? 'changed' : stateAfter(change)][many];
  if (!another) return `${head}: “${shorten(only.title)}” ${became(only, 0)}.${left}`;
  const alike = new Map<State, Change[]>();
  for (const change of changes) alike.set(stateAfter(change), [...(alike.get(stateAfter(change)) ?? []), change]);
  const parts = [...alike.values()].map((some) => `${tasks(some.length)} ${became(some[0]!, some.length === 1 ? 0 : 1)}`);
  return `${head}: ${parts.join(', ')}.${left}`;
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
