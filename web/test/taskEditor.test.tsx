import { renderToStaticMarkup } from 'react-dom/server';
import { beforeEach, expect, test, vi } from 'vitest';
import type { TaskDraft } from '../src/tasks/taskDraft';
import { TaskEditor } from '../src/tasks/TaskEditor';
import { task } from './fakes';

/** Buttons by what stands on them, to be pressed without a browser. */
const buttons = new Map<unknown, () => void>();
vi.mock('../src/ui/Button', () => ({
  Button: ({ children, onClick }: { children: unknown; onClick?: () => void }) => (onClick && buttons.set(children, onClick), null),
  IconButton: () => null,
}));
beforeEach(() => buttons.clear());

function open(draft: TaskDraft, parent: number | null = 1) {
  const [onSave, onDraft, onAddSubtask] = [vi.fn(), vi.fn(), vi.fn()];
  const nothing = () => {};
  const markup = renderToStaticMarkup(
    <TaskEditor task={task(2, { parent_id: parent, due: '2026-11-28' })} draft={draft} refused={null} now="2026-11-27T09:30" weekStart="monday" onDraft={onDraft} onSave={onSave} onClose={nothing} onSkip={nothing} onRemove={nothing} onAddSubtask={onAddSubtask} onStep={null} />,
  );
  return { press: (name: string) => buttons.get(name)!(), markup, onSave, onDraft, onAddSubtask };
}

test('what was typed is saved when a subtask becomes a task of its own', () => {
  const { press, onSave } = open({ title: 'Passport', description: 'at the town hall' });
  press('Make it a task of its own');
  expect(onSave.mock.calls).toEqual([[{ title: 'Passport', description: 'at the town hall', parent_id: null }]]);
});

test('a subtask whose title is taken away is not saved by becoming a task of its own', () => {
  const { press, onSave } = open({ title: ' ', description: 'at the town hall' });
  press('Make it a task of its own');
  expect(onSave).not.toHaveBeenCalled();
});

test('a subtask that was typed and not added is there again, until it is added', () => {
  const { press, markup, onDraft, onAddSubtask } = open({ title: 'Passport', subtask: ' Take a photo ' }, null);
  expect(markup).toMatch(/aria-label="Add a subtask"[^>]*value=" Take a photo "/);
  expect(markup).not.toContain('Changed meanwhile');
  press('Add');
  expect(onAddSubtask.mock.calls).toEqual([['Take a photo']]);
  expect(onDraft.mock.calls).toEqual([[{ title: 'Passport' }]]);
});
