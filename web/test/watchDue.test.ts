import { expect, test } from 'vitest';
import type { Task } from '../src/api/types';
import { watchDue } from '../src/tasks/watchDue';
import { task } from './fakes';

test('a timed task that comes due is told once; a whole day, what is done and what was due before are not', () => {
  const told: number[] = [];
  const notices = watchDue('2026-11-27T09:00', ({ id }: Task) => told.push(id));
  const tasks = [
    task(1, { due: '2026-11-27T09:01' }),
    task(2, { due: '2026-11-27' }),
    task(3, { due: '2026-11-27T09:01', completed: true }),
    task(4, { due: '2026-11-27T09:00' }),
    task(5, { due: '2026-11-27T09:03' }),
  ];
  for (const now of ['2026-11-27T09:00', '2026-11-27T09:01', '2026-11-27T09:01', '2026-11-27T09:02']) notices.look(tasks, now);
  expect(told).toEqual([1]);
  // The computer slept meanwhile.
  notices.look(tasks, '2026-11-27T11:00');
  expect(told).toEqual([1, 5]);
});
