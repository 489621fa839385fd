import { Fragment } from 'react';
import type { DetailRow } from './changeDetailRows';

/** Before and after, line by line. */
export function ChangeDetailList({ rows }: { rows: DetailRow[] }) {
  return (
    <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1">
      {rows.map((row) => (
        <Fragment key={row.name}>
          <dt>{row.name}</dt>
          <dd className="text-ink wrap-anywhere">
            {row.before !== undefined && (
              <>
                <del className="text-quiet">
                  <bdi>{row.before}</bdi>
                </del>
                <span aria-hidden="true"> → </span>
                <span className="sr-only"> becomes </span>
              </>
            )}
            <bdi>{row.after}</bdi>
          </dd>
        </Fragment>
      ))}
    </dl>
  );
}
