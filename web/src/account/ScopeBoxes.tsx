import { useId } from 'react';
import type { Scope } from '../api/types';
import { scopeLabel } from './scopeLabels';

interface ScopeBoxesProps {
  legend: string;
  offered: readonly Scope[];
  /** Those that are ticked before anybody ticks anything. */
  ticked: readonly Scope[];
  /** The id of what says that none is ticked, while it is said. */
  problemId?: string | undefined;
}

/** What a program may do, to be ticked: the field `scope` of a form. */
export function ScopeBoxes({ legend, offered, ticked, problemId }: ScopeBoxesProps) {
  const id = useId();
  return (
    <fieldset aria-describedby={problemId}>
      <legend className="mb-1 text-small font-medium">{legend}</legend>
      {offered.map(scopeLabel).map(({ scope, label, note }) => (
        <label key={scope} className="flex min-h-11 cursor-pointer items-start gap-3 rounded-xl py-1.5">
          <input type="checkbox" name="scope" value={scope} defaultChecked={ticked.includes(scope)} aria-describedby={`${id}-${scope}`} className="mt-0.5 size-5 shrink-0 accent-accent" />
          <span>
            <span className="block">{label}</span>
            <span id={`${id}-${scope}`} className="block text-small text-quiet">
              {note}
            </span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}

/** Those of the offered scopes that are ticked; without any it throws what is to be said to that. */
export function tickedScopes<Offered extends Scope>(fields: FormData, offered: readonly Offered[]): Offered[] {
  const ticked = fields.getAll('scope');
  const scopes = offered.filter((scope) => ticked.includes(scope));
  if (scopes.length === 0) throw new NoScopeSelected();
  return scopes;
}

export class NoScopeSelected extends Error {
  constructor() {
    super('Tick at least one thing that the program may do.');
  }
}
