import { useEffect, useState } from 'react';
import { usage as readUsage } from '../api/account';
import type { Usage, Used } from '../api/types';
import { useWorkspace } from '../workspace';

const NAMES = [
  ['tasks', 'Tasks'],
  ['conversations', 'Conversations'],
  ['turns', 'Messages in the last 5 minutes'],
  ['tokens_today', 'Tokens today'],
] as const;

/** From this share on a limit is worth a word. */
const NEAR = 0.8;

/** What is used of what an account may do and keep; what is nearly used up stands out. */
export function UsageSummary() {
  const { session, user } = useWorkspace();
  const [usage, setUsage] = useState<Usage | null>(null);
  useEffect(() => {
    readUsage(session, user.id).then(setUsage, () => {});
  }, [session, user.id]);
  if (!usage) return null;
  return (
    <section aria-labelledby="usage">
      <h3 id="usage" className="mb-2 text-small font-medium">
        Usage
      </h3>
      <dl className="space-y-1 text-small">
        {NAMES.filter(([key]) => usage[key].limit !== null).map(([key, name]) => (
          <div key={key} className="flex justify-between gap-4">
            <dt className="text-quiet">{name}</dt>
            <dd className={isNear(usage[key]) ? 'font-medium text-danger' : ''}>{shown(usage[key])}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function isNear({ used, limit }: Used): boolean {
  return limit !== null && used >= limit * NEAR;
}

function shown({ used, limit }: Used): string {
  const number = (value: number) => value.toLocaleString('en');
  return `${number(used)} of ${number(limit ?? 0)}${isNear({ used, limit }) ? ', nearly used up' : ''}`;
}
