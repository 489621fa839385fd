import { expect, test } from 'vitest';
import { Drafts } from '../src/chat/drafts';
import { inMemoryStorage } from '../src/storage';
import { Outbox } from '../src/tasks/outbox';
import { TaskDraftStore } from '../src/tasks/taskDraftStore';

test('signing out forgets everything of this person, and nothing of another', () => {
  const memory = inMemoryStorage();
  for (const user of ['u-1', 'u-2']) {
    new Drafts(memory, user).keepDraft('new', 'Half a thought');
    new Drafts(memory, user).keepSent('c', { key: 'k', text: 'Hi' });
    new TaskDraftStore(memory, user).keep(1, { title: 'Half' });
    new Outbox(memory, user).keepAdd('k', 'Milk');
  }
  const drafts = new Drafts(memory, 'u-1');
  drafts.clear();
  expect(memory.keys().filter((key) => key.includes('u-1'))).toEqual([]);
  expect(memory.keys().filter((key) => key.includes('u-2'))).toHaveLength(4);

  // An answer that fails after that leaves nothing either.
  drafts.keepSent('c', { key: 'k', text: 'Hi' });
  drafts.keepDraft('new', 'Half');
  expect(memory.keys().filter((key) => key.includes('u-1'))).toEqual([]);
});

test('a draft of a task is there again after a reload', () => {
  const memory = inMemoryStorage();
  new TaskDraftStore(memory, 'u-1').keep(7, { description: 'oat' });
  const drafts = new TaskDraftStore(memory, 'u-1');
  expect(drafts.of(7)).toEqual({ description: 'oat' });
  drafts.keep(7, {});
  expect(memory.keys()).toEqual([]);
});
