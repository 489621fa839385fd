import { expect, test, vi } from 'vitest';
import { changeApi } from '../src/api/changeApi';
import type { Change, Conflict, Undone } from '../src/api/types';
import { undoableCall, undoPlaces, hasUndoableCalls } from '../src/chat/undoableCall';
import type { ChatMessage } from '../src/chat/message';
import { Session } from '../src/session/session';
import { inMemoryStorage } from '../src/storage';
import { blockedInWords, conflictInWords, Undo, undoneInWords } from '../src/tasks/serverUndo';
import { fakeServer, json, problem, task, tokenAnswer, type Call } from './fakes';

const change = (id: number, more: Partial<Change> = {}): Change => ({
  id, kind: 'added', task_id: 1, title: 'Buy milk', before: null, after: task(1), channel: 'chat', program: null, turn_id: 't-1', conversation_id: 'c-1', at: '2026-11-28T10:00:00Z', undone_by: null, undoes: null, ...more,
});
const undone = (changes: Change[], more: Partial<Undone> = {}): Undone => ({ changes, tasks: changes.flatMap(({ after }) => after ?? []), left_out: [], ...more });

function open(answer: (call: Call, count: number) => Response) {
  const session = new Session(inMemoryStorage(), (work) => work());
  session.accept(tokenAnswer(1));
  const calls = fakeServer(answer);
  const around = { api: changeApi(session, 'u-1'), before: vi.fn(async () => {}), apply: vi.fn(), onUndone: vi.fn(), onError: vi.fn() };
  return { undo: new Undo(around), calls, ...around };
}

const added = undone([change(9, { kind: 'deleted', before: task(1), after: null, turn_id: null, undoes: 3 })]);

test('an answer is undone under a key, told, and can be done again', async () => {
  const { undo, calls, apply, onUndone } = open((call) => json(call.path.includes('changes') ? undone([change(10, { kind: 'restored', undoes: 9 })]) : added));
  await undo.undo('t-1', { turn: 't-1' });
  expect(calls[0]).toMatchObject({ method: 'POST', path: '/api/u-1/turns/t-1/undo', body: { rest: false } });
  expect(calls[0]!.headers.get('idempotency-key')).toMatch(/^[0-9a-f-]{36}$/);
  expect(apply).toHaveBeenCalledWith(added);
  expect(undo.done.get().has('t-1')).toBe(true);
  const redo = onUndone.mock.calls[0]![2] as () => void;
  redo();
  await vi.waitFor(() => expect(calls.map(({ path }) => path)).toContain('/api/u-1/changes/9/undo'));
  await vi.waitFor(() => expect(undo.done.get().has('t-1')).toBe(false));
  expect(onUndone.mock.calls[1]!.slice(1)).toEqual([true, null]);
});

test('what was changed since is told and left alone; the rest is undone when the person says so', async () => {
  const conflicts: Conflict[] = [{ task_id: 1, title: 'Buy milk', reason: 'changed', since: change(8) }];
  const { undo, calls, onUndone, apply } = open((_, count) =>
    count === 1 ? json({ status: 409, code: 'undo_conflict', detail: 'Nothing was undone.', conflicts }, 409) : json(undone([], { left_out: conflicts })),
  );
  await undo.undo('t-1', { turn: 't-1' });
  expect(undo.blocked.get()).toMatchObject({ place: 't-1', conflicts });
  expect(apply).not.toHaveBeenCalled();
  await undo.undoTheRest();
  expect(undo.blocked.get()).toBeNull();
  expect(calls[1]!.body).toEqual({ rest: true });
  expect(calls[1]!.headers.get('idempotency-key')).not.toBe(calls[0]!.headers.get('idempotency-key'));
  expect(undoneInWords(onUndone.mock.calls[0]![0] as Undone, false)).toBe('Nothing was undone. 1 task was left as it is, because of what was done since.');
});

test('another refusal is told and nothing is marked', async () => {
  const { undo, onError } = open(() => problem(409, 'already_undone', 'This was undone already.'));
  await undo.undo('t-1', { turn: 't-1' });
  expect(onError.mock.calls[0]![0]).toMatchObject({ message: 'This was undone already.' });
  expect(undo.done.get().size).toBe(0);
});

test('when the answer is lost, pressing again sends the same key', async () => {
  vi.stubGlobal('navigator', { onLine: false });
  let away = true;
  const { undo, calls, onError } = open(() => {
    if (away) throw new TypeError('network');
    return json(added);
  });
  await undo.undo('t-1', { turn: 't-1' });
  expect(onError).toHaveBeenCalledOnce();
  away = false;
  await undo.undo('t-1', { turn: 't-1' });
  const keys = new Set(calls.map(({ headers }) => headers.get('idempotency-key')));
  expect(calls).toHaveLength(2);
  expect(keys.size).toBe(1);
  vi.unstubAllGlobals();
});

test('one tool call is found in what is recorded of its task, and undone alone', async () => {
  const log = [
    change(7, { kind: 'updated', turn_id: 't-2' }),
    change(6, { kind: 'added', undoes: 5 }),
    change(5, { kind: 'updated' }),
    change(4, { kind: 'updated' }),
    change(3),
  ];
  const { undo, calls } = open((call) => json(call.path.includes('activity') ? { changes: log, next_before: null } : added));
  await undo.undo('call-2', { undoable: { turn: 't-1', kind: 'update', tasks: [1], earlier: 1, alone: false } });
  expect(calls.map(({ path }) => path)).toEqual(['/api/u-1/activity?limit=50&task=1', '/api/u-1/changes/5/undo']);
});

test('a call about several tasks is undone from the newest change to the oldest', async () => {
  const { undo, calls, onUndone } = open((call) => {
    const number = Number(/task=(\d+)/.exec(call.path)?.[1] ?? /changes\/(\d+)/.exec(call.path)?.[1]);
    if (call.path.includes('activity')) return json({ changes: [change(number * 10, { kind: 'deleted', task_id: number, before: task(number), after: null })], next_before: null });
    return json(undone([change(number + 1, { kind: 'restored', task_id: number, title: `Task ${number}`, undoes: number })]));
  });
  await undo.undo('call', { undoable: { turn: 't-1', kind: 'delete', tasks: [1, 3, 2], earlier: 0, alone: false } });
  expect(calls.filter(({ method }) => method === 'POST').map(({ path }) => path)).toEqual(['30', '20', '10'].map((id) => `/api/u-1/changes/${id}/undo`));
  expect(undoneInWords(onUndone.mock.calls[0]![0] as Undone, false)).toBe('Undone: 3 tasks are on the list.');
});

/** A server on which each change can be taken back once; a conflict of a single change is one with `rest` too. */
function openEach(inTheWay: number[], over: number[] = []) {
  const conflict = (id: number): Conflict => ({ task_id: id, title: `Task ${id}`, reason: 'changed', since: null });
  const finished = new Set(over);
  const around = open(({ path }) => {
    const id = Number(/changes\/(\d+)/.exec(path)?.[1]);
    if (finished.has(id)) return problem(409, 'already_undone', 'This was undone already.');
    if (inTheWay.includes(id)) return json({ status: 409, code: 'undo_conflict', detail: 'Nothing was undone.', conflicts: [conflict(id)] }, 409);
    finished.add(id);
    return json(undone([change(100 + id, { kind: 'completed', task_id: id, before: task(id), undoes: id })]));
  });
  const { calls, undo } = around;
  // Undone from the button of an answer: one change for each of its tasks.
  undo.done.set(new Map([['t-1', [1, 2, 3]]]));
  const asked = () => calls.splice(0).map(({ path, body }) => `${/\d+(?=\/undo)/.exec(path)?.[0]}${(body as { rest: boolean }).rest ? ' rest' : ''}`);
  return { ...around, asked };
}
const told = (onUndone: ReturnType<typeof vi.fn>) => onUndone.mock.calls.map(([all, redoing]) => undoneInWords(all as Undone, redoing as boolean));

test('changes that are done again one by one say how far they came when one is in the way, and the rest goes on from there', async () => {
  const { undo, apply, onUndone, asked } = openEach([2]);
  await undo.redo('t-1');
  expect(asked()).toEqual(['3', '2']);
  expect((apply.mock.calls[0]![0] as Undone).changes.map(({ task_id }) => task_id)).toEqual([3]);
  // The button goes on with what is left, also when the person leaves the rest for now.
  expect(undo.done.get().get('t-1')).toEqual([2, 1]);
  expect(blockedInWords(undo.blocked.get()!)).toEqual({ title: 'Done again in part', description: 'Done again: “Buy milk” is ticked off. This was in the way of the rest:' });

  await undo.undoTheRest();
  expect(asked()).toEqual(['2 rest', '1 rest']);
  expect(undo.blocked.get()).toBeNull();
  expect(undo.done.get().has('t-1')).toBe(false);
  expect(apply).toHaveBeenCalledTimes(2);
  expect(told(onUndone)).toEqual(['Done again: 2 tasks are ticked off. 1 task was left as it is, because of what was done since.']);
});

test('the rest is done although the newest change is in the way', async () => {
  const { undo, onUndone, asked } = openEach([3]);
  await undo.redo('t-1');
  expect(blockedInWords(undo.blocked.get()!)).toEqual({ title: 'Not done again', description: 'Nothing was changed, because this was in the way:' });
  expect(undo.done.get().get('t-1')).toEqual([1, 2, 3]);
  await undo.undoTheRest();
  expect(asked()).toEqual(['3', '3 rest', '2 rest', '1 rest']);
  expect(undo.blocked.get()).toBeNull();
  expect(told(onUndone)).toEqual(['Done again: 2 tasks are ticked off. 1 task was left as it is, because of what was done since.']);
});

test('when all but what is in the way is done again, the button undoes again', async () => {
  const { undo } = openEach([1]);
  await undo.redo('t-1');
  expect(undo.blocked.get()?.target).toEqual({ changes: [1] });
  expect(undo.done.get().has('t-1')).toBe(false);
});

test('what was done again elsewhere is passed over', async () => {
  const some = openEach([], [3, 1]);
  await some.undo.redo('t-1');
  expect(some.asked()).toEqual(['3', '2', '1']);
  expect(told(some.onUndone)).toEqual(['Done again: “Buy milk” is ticked off.']);
  const all = openEach([], [1, 2, 3]);
  await all.undo.redo('t-1');
  expect(all.onError.mock.calls[0]![0]).toMatchObject({ message: 'This was undone already.' });
  expect(all.undo.done.get().has('t-1')).toBe(false);
});

test('a card that is undone in part is redone as far as it was undone', async () => {
  const { undo, asked } = openEach([2]);
  undo.done.set(new Map());
  await undo.undo('call', { changes: [1, 2, 3] });
  expect(blockedInWords(undo.blocked.get()!).title).toBe('Undone in part');
  expect(undo.done.get().get('call')).toEqual([103]);
  await undo.undoTheRest();
  expect(undo.done.get().get('call')).toEqual([103, 101]);
  expect(asked()).toEqual(['3', '2', '2 rest', '1 rest']);
});

test('an answer of which everything was changed since is not asked about again and again', async () => {
  const conflicts: Conflict[] = [{ task_id: 1, title: 'Buy milk', reason: 'changed', since: null }];
  const { undo, onUndone } = open(() => json({ status: 409, code: 'undo_conflict', detail: 'Nothing was undone.', conflicts }, 409));
  await undo.undo('t-1', { turn: 't-1' });
  await undo.undoTheRest();
  expect(undo.blocked.get()).toBeNull();
  expect(undo.done.get().has('t-1')).toBe(false);
  expect(told(onUndone)).toEqual(['Nothing was undone. 1 task was left as it is, because of what was done since.']);
});

test('what was undone is said in words', () => {
  const words = (changes: Change[], redoing = false) => undoneInWords(undone(changes), redoing);
  expect(words(added.changes)).toBe('Undone: “Buy milk” is off the list.');
  expect(words([change(1, { kind: 'restored' })])).toBe('Undone: “Buy milk” is on the list.');
  expect(words([change(1, { kind: 'reopened', before: task(1) })])).toBe('Undone: “Buy milk” is to do.');
  expect(words([change(1, { kind: 'completed', before: task(1) })], true)).toBe('Done again: “Buy milk” is ticked off.');
  expect(words([change(1, { kind: 'updated', before: task(1) })])).toBe('Undone: “Buy milk” is as it was.');
  expect(words([change(1, { kind: 'updated', before: task(1) })], true)).toBe('Done again: “Buy milk” is changed.');
  expect(words([change(1, { kind: 'restored' }), change(2, { kind: 'restored' }), change(3, { kind: 'updated', before: task(3) })])).toBe('Undone: 2 tasks are on the list, 1 task is as it was.');
  expect(conflictInWords({ task_id: 1, title: 'Milk', reason: 'changed', since: null })).toBe('“Milk” was changed since');
  expect(conflictInWords({ task_id: 1, title: 'Milk', reason: 'of a newer server' as 'changed', since: null })).toBe('“Milk” is in the way');
});

const tool = (name: string, id: string, output: unknown) => ({ type: `tool-${name}`, toolCallId: id, state: 'output-available', input: {}, output }) as unknown as ChatMessage['parts'][number];

test('a card knows what its call did', () => {
  const parts = [
    tool('update_task', 'a', { success: true, task: { id: 1 } }),
    tool('list_tasks', 'b', { success: true, tasks: [{ id: 1 }] }),
    tool('update_task', 'c', { success: false, error: 'No.' }),
    tool('update_task', 'd', { results: [{ success: true, task: { id: 1 } }, { success: false }, { success: true, task: { id: 2 } }] }),
  ];
  const message = { id: 't-1', parts };
  const undoables = parts.map((part) => undoableCall(message, part as never));
  expect(undoables).toEqual([{ turn: 't-1', kind: 'update', tasks: [1], earlier: 0, alone: false }, null, null, { turn: 't-1', kind: 'update', tasks: [1, 2], earlier: 1, alone: false }]);
  expect(undoableCall({ id: 't-1', parts: parts.slice(0, 3) }, parts[0] as never)).toMatchObject({ alone: true });
  expect(hasUndoableCalls({ parts })).toBe(true);
  expect(hasUndoableCalls({ parts: parts.slice(1, 3) })).toBe(false);
});

test('what was undone of an answer is forgotten with the answer and its cards, and of no other one', () => {
  const { undo } = open(() => json(added));
  undo.done.set(new Map([['t-1', [9]], ['t-1-0-0', [10]], ['t-2', [11]]]));
  undo.forget(undoPlaces({ id: 't-1', parts: [{ type: 'text', text: 'Done.' }, tool('add_task', 't-1-0-0', {})] }));
  expect([...undo.done.get().keys()]).toEqual(['t-2']);
});
