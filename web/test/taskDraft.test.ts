import { expect, test } from 'vitest';
import type { Task } from '../src/api/types';
import { fieldText, patchOf, withTyped } from '../src/tasks/taskDraft';

const task = (more: Partial<Task> = {}): Task => ({ id: 1, title: 'Buy milk', description: null, completed: false, created_at: '', updated_at: '', ...more });

test('only what was typed is sent, also when the task changed meanwhile', () => {
  const draft = withTyped(task(), {}, 'description', 'oat');
  const renamed = task({ title: 'Buy oat milk' });
  expect(fieldText(renamed, draft, 'title')).toBe('Buy oat milk');
  expect(patchOf(renamed, draft)).toEqual({ description: 'oat' });
});

test('typing back what the task says, and spaces around it, change nothing', () => {
  const draft = withTyped(task(), { title: 'Buy' }, 'title', 'Buy milk');
  expect(draft).toEqual({});
  expect(patchOf(task(), { title: ' Buy milk ' })).toEqual({});
});

test('an emptied description is removed', () => {
  const described = task({ description: 'oat' });
  expect(patchOf(described, withTyped(described, {}, 'description', ' '))).toEqual({ description: null });
});
