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

function open(draft: TaskDraft) {
  const onSave = vi.fn();
  const nothing = () => {};
  renderToStaticMarkup(
    <TaskEditor task={task(2, { parent_id: 1, due: '2026-11-28' })} draft={draft} refused={null} now="2026-11-27T09:30" weekStart="monday" onDraft={nothing} onSave={onSave} onClose={nothing} onSkip={nothing} onRemove={nothing} onAddSubtask={nothing} onStep={null} />,
  );
  return { press: (name: string) => buttons.get(name)!(), onSave };
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
