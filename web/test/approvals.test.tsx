import { renderToStaticMarkup } from 'react-dom/server';
import { expect, onTestFinished, test, vi } from 'vitest';
import { approvalApi } from '../src/api/approvalApi';
import type { Approval } from '../src/api/types';
import { ApprovalCard } from '../src/chat/ApprovalCard';
import { Approvals, approvalsOf, isAsking, ofPrograms, waitingElsewhere } from '../src/chat/approvals';
import type { ChatMessage } from '../src/chat/message';
import { Session } from '../src/session/session';
import { inMemoryStorage } from '../src/storage';
import { fakeServer, json, problem, tokenAnswer, type Call } from './fakes';

const soon = new Date(Date.now() + 600_000).toISOString();
const tasks = [1, 2, 3, 4].map((id) => ({ id, title: `Task ${id}` }));
const asked: Approval = { id: 'a-1', tool: 'delete_task', sentence: 'Delete these 4 tasks?', arguments: {}, tasks, expires_at: soon, state: 'waiting', channel: 'chat', program: null, turn_id: 't-1', conversation_id: 'c-1' };

/** An answer with a call that waited when its result was written. */
const answer = (approval: object, more: object = { success: false }): ChatMessage => ({
  id: 't-1',
  role: 'assistant',
  parts: [{ type: 'tool-delete_task', toolCallId: 'call', state: 'output-available', input: { task_id: [1, 2, 3, 4] }, output: { ...more, approval } } as never],
});
const recorded = { id: 'a-1', state: 'waiting', expires_at: soon, tasks };
const NONE = new Map<string, Approval>();

function open(server: (call: Call) => Response) {
  const session = new Session(inMemoryStorage(), (work) => work());
  session.accept(tokenAnswer(1));
  const calls = fakeServer(server);
  const decided = vi.fn();
  return { approvals: new Approvals({ api: approvalApi(session, 'u-1'), decided }), calls, decided };
}

test('a question is known from the stream and, after a reload, from the result of its call', () => {
  const silent: ChatMessage = { id: 't-1', role: 'assistant', parts: [] };
  expect(approvalsOf(silent, new Map([['a-1', asked]]))).toEqual([asked]);
  expect(approvalsOf({ ...silent, id: 't-2' }, new Map([['a-1', asked]]))).toEqual([]);
  expect(approvalsOf(answer(recorded), NONE)).toMatchObject([{ id: 'a-1', sentence: 'Delete these 4 tasks?', state: 'waiting', turn_id: 't-1' }]);
  expect(approvalsOf(answer(recorded), new Map([['a-1', { ...asked, sentence: 'Really?' }]]))).toMatchObject([{ sentence: 'Really?' }]);
});

test('what is on record after the answer counts more than what was heard before it', () => {
  const approved = answer({ ...recorded, state: 'approved' }, { success: true, results: [] });
  expect(approvalsOf(approved, new Map([['a-1', asked]]))).toMatchObject([{ state: 'approved' }]);
  expect(isAsking([answer(recorded)], NONE)).toBe(true);
  expect(isAsking([approved], new Map([['a-1', asked]]))).toBe(false);
  expect(isAsking([answer({ ...recorded, expires_at: '2020-01-01T00:00:00Z' })], NONE)).toBe(false);
});

test('yes is sent once and kept', async () => {
  const { approvals, calls, decided } = open(() => json({ ...asked, state: 'approved' }));
  await approvals.decide(asked, 'approve');
  expect(calls).toMatchObject([{ method: 'POST', path: '/api/u-1/approvals/a-1', body: { decision: 'approve' } }]);
  expect(approvals.known.get().get('a-1')?.state).toBe('approved');
  expect(decided).toHaveBeenCalledOnce();
});

test('a refusal is told, and how the question stands after it', async () => {
  const { approvals, decided } = open(() => problem(409, 'approval_void', 'A task was changed since this was asked.'));
  await expect(approvals.decide(asked, 'approve')).rejects.toThrow('A task was changed since this was asked.');
  expect(approvals.known.get().get('a-1')?.state).toBe('void');
  expect(decided).toHaveBeenCalledOnce();
});

test('nothing is known of an answer that reached nobody', async () => {
  vi.stubGlobal('navigator', { onLine: false });
  const { approvals, decided } = open(() => {
    throw new TypeError('network');
  });
  await expect(approvals.decide(asked, 'reject')).rejects.toThrow('You are offline');
  expect(approvals.known.get().size).toBe(0);
  expect(decided).not.toHaveBeenCalled();
  vi.unstubAllGlobals();
});

test.each([
  [asked, ['Task 4', '>Yes<', '>No<', 'You can answer until']],
  [{ ...asked, state: 'approved' as const }, ['You said yes. It is done.']],
  [{ ...asked, state: 'rejected' as const }, ['You said no. Nothing was done.']],
  [{ ...asked, state: 'void' as const }, ['A task was changed since']],
  [{ ...asked, expires_at: '2020-01-01T00:00:00Z' }, ['not answered in time']],
])('a card says how its question stands', (approval, words) => {
  const html = renderToStaticMarkup(<ApprovalCard approval={approval} onDecide={async () => {}} />);
  for (const word of ['Delete these 4 tasks?', ...words]) expect(html).toContain(word);
  expect(html.includes('<button')).toBe(words.includes('>Yes<'));
});

test('what waits in another conversation is told until it is answered, decided elsewhere, or too late', () => {
  const elsewhere = (known: ReadonlyMap<string, Approval>, waiting = [asked]) => waitingElsewhere(waiting, known, 'c-2').map(({ id }) => id);
  expect(elsewhere(NONE)).toEqual(['a-1']);
  expect(waitingElsewhere([asked], NONE, 'c-1')).toEqual([]);
  expect(elsewhere(new Map([['a-1', { ...asked, state: 'approved' as const }]]))).toEqual([]);
  expect(elsewhere(NONE, [{ ...asked, expires_at: new Date(Date.now() - 1000).toISOString() }])).toEqual([]);
  expect(elsewhere(NONE, [])).toEqual([]);
});

test('what a program asks by itself is told wherever one is, with its name, until it is answered', () => {
  const ofProgram: Approval = { ...asked, id: 'a-2', channel: 'mcp', program: 'my assistant', turn_id: null, conversation_id: null };
  expect(waitingElsewhere([asked, ofProgram], NONE, 'c-1')).toEqual([ofProgram]);
  expect(ofPrograms([asked, ofProgram], NONE)).toEqual([ofProgram]);
  const approved = new Map([['a-2', { ...ofProgram, state: 'approved' as const }]]);
  expect(waitingElsewhere([ofProgram], approved, 'c-1')).toEqual([]);
  expect(ofPrograms([ofProgram], approved)).toMatchObject([{ state: 'approved' }]);
  const card = renderToStaticMarkup(<ApprovalCard approval={ofProgram} onDecide={() => Promise.resolve()} />);
  expect(card.replace(/<[^>]*>/g, '')).toContain('“my assistant” asks:Delete these 4 tasks?');
});

test('a question that waits until tomorrow says so', () => {
  // At noon a day later is another day, also where clocks are changed.
  vi.useFakeTimers({ now: new Date(2026, 10, 20, 12) });
  onTestFinished(() => void vi.useRealTimers());
  const tomorrow = new Date(2026, 10, 21, 12);
  const card = renderToStaticMarkup(<ApprovalCard approval={{ ...asked, expires_at: tomorrow.toISOString() }} onDecide={() => Promise.resolve()} />);
  expect(card).toContain(tomorrow.toLocaleDateString(undefined, { weekday: 'long' }));
});
