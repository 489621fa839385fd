import { renderToStaticMarkup } from 'react-dom/server';
import { expect, test } from 'vitest';
import type { ChatMessage } from '../src/chat/message';
import { MessageView } from '../src/chat/MessageView';

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
