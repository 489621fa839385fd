import { useId } from 'react';
import type { TokenRequest } from '../api/types';
import { Button } from '../ui/Button';
import { Field, INPUT } from '../ui/Field';
import { typed, useSubmit } from '../useSubmit';
import { LIFETIMES } from './accessTimes';
import { NoScopeSelected, ScopeBoxes, tickedScopes } from './ScopeBoxes';
import { SCOPES } from './scopeLabels';

interface NewTokenFormProps {
  onCreate(request: TokenRequest): Promise<void>;
  onCancel(): void;
}

const OFFERED = SCOPES.map(({ scope }) => scope);

/** Asks what a new token is for, what it may do and how long it is good. */
export function NewTokenForm({ onCreate, onCancel }: NewTokenFormProps) {
  const id = useId();
  const { problem, error, busy, onSubmit } = useSubmit(async (fields) => {
    const scopes = tickedScopes(fields, OFFERED);
    const name = typed(fields, 'name').trim();
    if (name === '') throw new Error('Give the token a name.');
    const days = typed(fields, 'lifetime');
    await onCreate({ name, scopes, expires_in_days: days === '' ? null : Number(days) });
  });

  return (
    <form aria-label="New token" onSubmit={(event) => (busy ? event.preventDefault() : void onSubmit(event))} className="space-y-4 rounded-2xl border border-line p-4">
      <Field label="Name" name="name" dir="auto" maxLength={100} required autoFocus autoComplete="off" hint="Whatever tells you later which program it is." />
      <ScopeBoxes legend="The program may" offered={OFFERED} ticked={['tasks:read']} problemId={error instanceof NoScopeSelected ? `${id}-problem` : undefined} />
      <label className="block">
        <span className="mb-1.5 block text-small font-medium">Good for</span>
        <select name="lifetime" defaultValue="90" className={INPUT}>
          {LIFETIMES.map(({ value, label }) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
      </label>
      <p id={`${id}-problem`} role="alert" className="text-danger empty:hidden">
        {problem}
      </p>
      <div className="flex flex-wrap justify-end gap-2">
        <Button kind="quiet" onClick={onCancel}>
          Cancel
        </Button>
        <Button kind="primary" type="submit" aria-busy={busy || undefined} aria-disabled={busy || undefined}>
          Make the token
        </Button>
      </div>
    </form>
  );
}
