import type { Task } from '../api/types';
import { dueInWords, isLate, localDue } from './dueDates';

const PRIORITY = { high: 'High priority', medium: 'Medium priority', low: 'Low priority', none: null } as const;

/** When a task is due and what else is known of it, in words; `now` is a moment on the person's clock. */
export function badgesOf(task: Pick<Task, 'completed' | 'due' | 'due_at' | 'due_time_zone' | 'priority' | 'repeat_in_words' | 'tags'>, now: string): TaskBadge[] {
  const due = localDue(task);
  const late = due !== null && !task.completed && isLate(due, now);
  const badges: Array<TaskBadge | null> = [
    due ? { text: (late ? 'Overdue: ' : '') + dueInWords(due, now), tone: late ? 'alarm' : 'due' } : null,
    task.repeat_in_words ? { text: `↻ ${task.repeat_in_words}`, spoken: `repeats ${task.repeat_in_words}` } : null,
    task.priority === 'none' ? null : { text: PRIORITY[task.priority], ...(task.priority === 'high' && { tone: 'alarm' }) },
    ...task.tags.map((tag) => ({ text: `#${tag}` })),
  ];
  return badges.filter((mark) => mark !== null);
}

export interface TaskBadge {
  text: string;
  /** For ears, where the text has a sign in it. */
  spoken?: string;
  tone?: 'alarm' | 'due';
}

const TONES = { alarm: 'text-danger', due: 'text-accent', plain: 'text-quiet' };

export function TaskBadges({ badges }: { badges: TaskBadge[] }) {
  return (
    <span className="mt-0.5 flex flex-wrap gap-x-3 text-small">
      {badges.map(({ text, tone }) => (
        <span key={text} dir="auto" className={TONES[tone ?? 'plain']}>
          {text}
        </span>
      ))}
    </span>
  );
}
