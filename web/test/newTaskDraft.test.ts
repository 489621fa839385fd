import { expect, test } from 'vitest';
import { NewTaskDraft } from '../src/tasks/newTaskDraft';

/** The field, on a device that keeps what it is told. */
function open(kept = { text: '' }) {
  const draft = new NewTaskDraft({ read: () => kept.text, keep: (text) => void (kept.text = text) });
  return { draft, kept, afterReload: () => open({ ...kept }).draft.read() };
}

test('a line that is on its way into the list is kept until it is there', () => {
  const { draft, afterReload } = open();
  draft.keep('Buy milk tomorrow');
  const taken = draft.submit('Buy milk tomorrow');
  draft.keep('');
  expect(draft.read(), 'the field is free for the next one').toBe('');
  expect(afterReload()).toBe('Buy milk tomorrow');
  taken();
  expect(afterReload()).toBe('');
});

test('what is typed meanwhile, and another line, are kept beside it', () => {
  const { draft, afterReload } = open();
  const milk = draft.submit('Buy milk');
  const bread = draft.submit('Buy milk');
  draft.keep('Call');
  expect(afterReload()).toBe('Buy milk Buy milk Call');
  bread();
  expect(afterReload()).toBe('Buy milk Call');
  milk();
  expect(afterReload()).toBe('Call');
});
