import { expect, test } from 'vitest';
import { byDay, changeSummary, changeLabel } from '../src/activity/changeSummary';
import { exportAccount } from '../src/api/accountArchive';
import { changeApi } from '../src/api/changeApi';
import type { Change } from '../src/api/types';
import { ConnectionLost } from '../src/api/apiErrors';
import { Session } from '../src/session/session';
import { inMemoryStorage } from '../src/storage';
import { rowsOfChange } from '../src/tasks/changeDetailRows';
import { fakeServer, json, problem, task, tokenAnswer } from './fakes';

const NOW = '2026-11-28T12:00';
const at = (day: number, hour = 9) => new Date(2026, 10, day, hour).toISOString();
const change = (id: number, more: Partial<Change> = {}): Change => ({
  id, kind: 'updated', task_id: 7, title: 'Buy milk', before: task(7), after: task(7), channel: 'chat', program: null, turn_id: null, conversation_id: null, at: at(28), undone_by: null, undoes: null, ...more,
});

function signedIn() {
  const session = new Session(inMemoryStorage(), (work) => work());
  session.accept(tokenAnswer(1));
  return session;
}

test('changes stand under the days of the person, the newest first', () => {
  const days = byDay([change(1, { at: at(26) }), change(3), change(2, { at: at(27, 23) }), change(4)], NOW);
  expect(days.map(({ label, changes }) => [label, changes.map(({ id }) => id)])).toEqual([
    ['Today', [4, 3]],
    ['Yesterday', [2]],
    ['Thu 26 Nov', [1]],
  ]);
});

test('before and after are said in words, and a look at what is new tells all of it', () => {
  const before = task(7, { title: 'Buy milk', due: '2026-11-28', position: 1 });
  const after = task(7, { title: 'Buy oat milk', due: '2026-11-29T09:00', due_time_zone: 'UTC', repeat: 'FREQ=DAILY', repeat_in_words: 'every day', position: 2, version: 9 });
  const rows = rowsOfChange({ before, after: { ...after, due_time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone } }, NOW);
  expect(rows.sort((a, b) => a.name.localeCompare(b.name))).toEqual([
    { name: 'Due', before: 'Today', after: 'Tomorrow, 9:00' },
    { name: 'Repeat', before: 'none', after: 'every day' },
    { name: 'Title', before: 'Buy milk', after: 'Buy oat milk' },
  ]);
  expect(rowsOfChange({ before: null, after: before }, NOW)).toEqual([{ name: 'Due', after: 'Today' }]);
  // Moved by hand, and nothing else.
  expect(rowsOfChange({ before, after: { ...before, position: 5 } }, NOW)).toEqual([]);
});

test('who, and whether it took something back or was taken back', () => {
  expect(changeSummary(change(1))).toMatch(/^Changed by the assistant · \S+/);
  expect(changeSummary(change(1, { channel: 'mcp', program: 'my Assistant' }))).toMatch(/^Changed by “my Assistant” · /);
  expect(changeSummary(change(1, { program: 'my chat' }))).toMatch(/^Changed by the assistant, asked by “my chat” · /);
  expect(changeSummary(change(1, { channel: 'rest', undone_by: 2 }))).toMatch(/^Changed by hand · .* · undone since$/);
  expect(changeSummary(change(2, { undoes: 1 }))).toMatch(/to undo what was done before$/);
  expect(changeSummary(change(2, { undoes: null }))).not.toContain('undo');
  expect([changeLabel({ kind: 'restored' }), changeLabel({ kind: 'new kind' as never })]).toEqual(['Brought back', 'Changed']);
});

test('a page of changes is asked for by task, day and the change before it', async () => {
  const calls = fakeServer(() => json({ changes: [], next_before: null }));
  const api = changeApi(signedIn(), 'u-1');
  await api.list({});
  await api.list({ task: 7, day: '2026-11-28' }, 99);
  expect(calls.map(({ path }) => path)).toEqual(['/api/u-1/activity?limit=50', '/api/u-1/activity?limit=50&task=7&day=2026-11-28&before=99']);
});

test('an export that breaks off is no file', async () => {
  fakeServer(() => {
    const body = new ReadableStream({
      pull(controller) {
        controller.error(new TypeError('network error'));
      },
    });
    return new Response(body, { headers: { 'content-type': 'application/json' } });
  });
  await expect(exportAccount(signedIn(), 'u-1')).rejects.toBeInstanceOf(ConnectionLost);
  fakeServer(() => problem(503, 'busy', 'Later.'));
  await expect(exportAccount(signedIn(), 'u-1')).rejects.toThrow('Later.');
});
