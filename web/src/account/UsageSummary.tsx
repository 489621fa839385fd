import { useEffect, useState } from 'react';
import { usage as readUsage } from '../api/account';
import type { Usage, Used } from '../api/types';
import { useSession } from '../session/sessionContext';

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
  const { session, user } = useSession();
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
        {usage.stored_bytes_limit !== null && (
          <div className="flex justify-between gap-4">
            <dt className="text-quiet">MiB of text</dt>
            <dd className={isNear(mebibytes(usage)) ? 'font-medium text-danger' : ''}>
              {shown(mebibytes(usage))}
            </dd>
          </div>
        )}
      </dl>
    </section>
  );
}

function mebibytes({ stored_bytes, stored_bytes_limit }: Usage): Used {
  const rounded = (bytes: number) => Math.round(bytes / 1024 / 102.4) / 10;
  return { used: rounded(stored_bytes), limit: stored_bytes_limit === null ? null : rounded(stored_bytes_limit) };
}

function isNear({ used, limit }: Used): boolean {
  return limit !== null && used >= limit * NEAR;
}

function shown({ used, limit }: Used): string {
  const number = (value: number) => value.toLocaleString('en');
  return `${number(used)} of ${number(limit ?? 0)}${isNear({ used, limit }) ? ', nearly used up' : ''}`;
}
