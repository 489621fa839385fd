import { renderToStaticMarkup } from 'react-dom/server';
import { expect, test } from 'vitest';
import type { ChangeApi } from '../src/api/changeApi';
import type { ChatMessage } from '../src/chat/message';
import { MessageView } from '../src/chat/MessageView';
import { Undo } from '../src/tasks/serverUndo';

const html = (parts: ChatMessage['parts'], onAgain?: () => void, metadata: ChatMessage['metadata'] = {}) => renderToStaticMarkup(<MessageView message={{ id: 'm', role: 'assistant', parts, metadata }} growing={false} before={() => undefined} onAgain={onAgain} />);

test('an answer in which nothing is says so, and offers nothing to copy', () => {
  const blank = html([{ type: 'step-start' }], () => {});
  expect(blank).toContain('No answer came.');
  expect(blank).toContain('Answer again');
  expect(blank).not.toContain('Copy the answer');
});

test('an answer with words is no such answer', () => {
  const said = html([{ type: 'text', text: 'Done.' }]);
  expect(said).not.toContain('No answer came.');
  expect(said).toContain('Copy the answer');
});

test('until what reads Markdown is here, an answer stands there as it was written', () => {
  expect(html([{ type: 'text', text: 'Done: **milk**.' }])).toContain('Done: **milk**.');
});

test('an answer that changed nothing says so when the server does', () => {
  const parts: ChatMessage['parts'] = [{ type: 'text', text: 'Deleted everything!' }];
  expect(html(parts, undefined, { notice: { code: 'nothing_was_changed', detail: 'No.' } })).toContain('Nothing was changed.');
  expect(html(parts, undefined, { notice: { code: 'other', detail: 'Only one task was changed.' } })).toContain('Only one task was changed.');
  expect(html(parts)).not.toContain('was changed');
});

test('what an answer did can be undone, card by card and as a whole, once it is over', () => {
  const undo = new Undo({ api: {} as ChangeApi, before: async () => {}, apply: () => {}, onUndone: () => {}, onError: () => {} });
  const card = (id: number) => ({ type: 'tool-add_task', toolCallId: `c${id}`, state: 'output-available', input: {}, output: { success: true, task: { id, title: `Task ${id}`, completed: false } } }) as unknown as ChatMessage['parts'][number];
  const show = (parts: ChatMessage['parts'], growing = false) => renderToStaticMarkup(<MessageView message={{ id: 't-1', role: 'assistant', parts }} growing={growing} before={() => undefined} undo={undo} />);
  const labels = (markup: string) => [...markup.matchAll(/aria-label="((?:Undo|Redo)[^"]*)"/g)].map(([, label]) => label);
  expect(labels(show([card(1), card(2)]))).toEqual(['Undo “Added Task 1 as task 1”', 'Undo “Added Task 2 as task 2”', 'Undo everything this answer did']);
  expect(labels(show([card(1)], true))).toEqual([]);
  expect(labels(show([{ type: 'text', text: 'Hello.' }]))).toEqual([]);
  // One card undone: it offers to redo.
  undo.done.set(new Map([['c1', [9]]]));
  expect(labels(show([card(1), card(2)]))[0]).toBe('Redo “Added Task 1 as task 1”');
  expect(show([card(1), card(2)])).toContain('· undone');
  // The whole answer undone: its cards have no button of their own.
  undo.done.set(new Map([['t-1', [9]]]));
  expect(labels(show([card(1), card(2)]))).toEqual(['Redo everything this answer did']);
  // A card that is all of it goes with its answer.
  expect(labels(show([card(1)]))).toEqual(['Redo “Added Task 1 as task 1”', 'Redo everything this answer did']);
});
