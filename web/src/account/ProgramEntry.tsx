import type { ReactNode } from 'react';
import type { Scope } from '../api/types';
import { scopesInWords } from './scopeLabels';

/** A program in a list: its name, what it may do, how it stands, and what can be done about it. */
export function ProgramEntry({ name, scopes, status, isOver = false, children }: { name: string; scopes: readonly Scope[]; status: string; isOver?: boolean; children: ReactNode }) {
  return (
    <li className="flex flex-wrap items-start justify-end gap-x-2 gap-y-2 py-2.5">
      <div className="min-w-48 flex-1">
        <p className="font-medium wrap-anywhere">
          <bdi>{name}</bdi>
        </p>
        <p className="text-small">{scopesInWords(scopes)}</p>
        <p className={`text-small ${isOver ? 'text-danger' : 'text-quiet'}`}>{status}</p>
      </div>
      {children}
    </li>
  );
}
