import type { Task } from '../api/types';
import { ChangeDetailList } from '../tasks/ChangeDetailList';
import { toolDetailRows } from './toolDetailRows';
import type { ToolPart } from './message';

interface ToolDetailsProps {
  part: ToolPart;
  before: Task | undefined;
}

/** What a tool call changed, found or was asked for. */
export function ToolDetails({ part, before }: ToolDetailsProps) {
  const { rows, tasks } = toolDetailRows(part, before);
  return (
    <div tabIndex={0} className="mx-3 max-h-64 overflow-auto border-t border-line pt-2.5 text-quiet">
      {rows.length + tasks.length === 0 && <p>There is nothing more to it.</p>}
      <ChangeDetailList rows={rows} />
      {tasks.length > 0 && (
        <ul className="space-y-1">
          {tasks.map((task) => (
            <li key={task.id} className="flex gap-3 wrap-anywhere">
              <span className="min-w-6 text-right tabular-nums">{task.id}</span>
              <span>
                <bdi className="text-ink">{task.title}</bdi>
                {task.completed && ' · done'}
              </span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
