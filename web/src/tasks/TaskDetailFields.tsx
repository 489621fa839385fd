import type { ReactNode } from 'react';
import type { Task } from '../api/types';
import { Button } from '../ui/Button';
import { INPUT } from '../ui/Field';
import { snoozes } from './snooze';
import { fieldText, withAll, withTyped, type TaskDraft, type TaskField } from './taskDraft';

const PRIORITIES = [
  ['none', 'None'],
  ['low', 'Low'],
  ['medium', 'Medium'],
  ['high', 'High'],
] as const;

/** Of the days that are not said the server takes that of the date. */
const REPEATS = ['every day', 'every weekday', 'every week', 'every 2 weeks', 'every month', 'every year'];

interface WhenFieldsProps {
  task: Task;
  draft: TaskDraft;
  now: string;
  weekStart: string | undefined;
  onDraft(draft: TaskDraft): void;
  /** Passes over this time of a repeating task. */
  onSkip(): void;
}

/** When a task is due, how it comes back, how important it is, and its tags. */
export function TaskDetailFields({ task, draft, now, weekStart, onDraft, onSkip }: WhenFieldsProps) {
  const text = (field: TaskField) => fieldText(task, draft, field);
  const bind = (field: TaskField) => ({
    value: text(field),
    className: INPUT,
    onChange: (event: { target: { value: string } }) => onDraft(withTyped(task, draft, field, event.target.value)),
  });
  const set = (texts: TaskDraft) => onDraft(withAll(task, draft, texts));
  const repeat = text('repeat');
  const choices = REPEATS.includes(repeat) || !repeat ? REPEATS : [repeat, ...REPEATS];

  return (
    <>
      <div className="grid grid-cols-2 gap-2">
        <Labelled label="Date">
          <input type="date" max="9999-12-31" {...bind('date')} />
        </Labelled>
        <Labelled label="Time">
          <input type="time" {...bind('time')} />
        </Labelled>
      </div>
      <div className="flex flex-wrap gap-1.5">
        {snoozes(now, weekStart).map(({ label, texts }) => (
          <Small key={label} onClick={() => set(texts)}>
            {label}
          </Small>
        ))}
        {(text('date') || text('time')) && <Small onClick={() => set({ date: '', time: '', repeat: '' })}>No date</Small>}
        {task.repeat && <Small onClick={onSkip}>Skip this one</Small>}
      </div>
      <div className="grid grid-cols-2 gap-2">
        <Labelled label="Repeat">
          <select {...bind('repeat')}>
            <option value="">Never</option>
            {choices.map((choice) => (
              <option key={choice} value={choice}>
                {choice.charAt(0).toUpperCase() + choice.slice(1)}
              </option>
            ))}
          </select>
        </Labelled>
        <Labelled label="Priority">
          <select {...bind('priority')}>
            {PRIORITIES.map(([value, label]) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </select>
        </Labelled>
      </div>
      <Labelled label="Tags">
        <input dir="auto" autoComplete="off" placeholder="home, money" {...bind('tags')} />
      </Labelled>
    </>
  );
}

function Labelled({ label, children }: { label: string; children: ReactNode }) {
  return (
    <label className="block min-w-0">
      <span className="mb-1 block text-small text-quiet">{label}</span>
      {children}
    </label>
  );
}

function Small({ onClick, children }: { onClick(): void; children: ReactNode }) {
  return (
    <Button kind="plain" className="px-3! text-small!" onClick={onClick}>
      {children}
    </Button>
  );
}
