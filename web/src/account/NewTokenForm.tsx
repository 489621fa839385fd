import { useId, useState } from 'react';
import type { Scope, TokenWish } from '../api/types';
import { Button } from '../ui/Button';
import { Field, INPUT } from '../ui/Field';
import { typed, useSubmit } from '../useSubmit';
import { LIFETIMES, SCOPES } from './accessWords';

interface NewTokenFormProps {
  onCreate(wish: TokenWish): Promise<void>;
  onCancel(): void;
}

/** Asks what a new token is for, what it may do and how long it is good. */
export function NewTokenForm({ onCreate, onCancel }: NewTokenFormProps) {
  const id = useId();
  const [unticked, setUnticked] = useState(false);
  const { problem, busy, onSubmit } = useSubmit(async (fields) => {
    const scopes = fields.getAll('scope') as Scope[];
    setUnticked(scopes.length === 0);
    if (scopes.length === 0) throw new Error('Tick at least one thing that the program may do.');
    const name = typed(fields, 'name').trim();
    if (name === '') throw new Error('Give the token a name.');
    const days = typed(fields, 'lifetime');
    await onCreate({ name, scopes, expires_in_days: days === '' ? null : Number(days) });
  });

  return (
    <form aria-label="New token" onSubmit={(event) => (busy ? event.preventDefault() : void onSubmit(event))} className="space-y-4 rounded-2xl border border-line p-4">
      <Field label="Name" name="name" dir="auto" maxLength={100} required autoFocus autoComplete="off" hint="Whatever tells you later which program it is." />
      <fieldset aria-describedby={unticked ? `${id}-problem` : undefined}>
        <legend className="mb-1 text-small font-medium">The program may</legend>
        {SCOPES.map(({ scope, label, note }) => (
          <label key={scope} className="flex min-h-11 cursor-pointer items-start gap-3 rounded-xl py-1.5">
            <input type="checkbox" name="scope" value={scope} defaultChecked={scope === 'tasks:read'} aria-describedby={`${id}-${scope}`} className="mt-0.5 size-5 shrink-0 accent-accent" />
            <span>
              <span className="block">{label}</span>
              <span id={`${id}-${scope}`} className="block text-small text-quiet">
                {note}
              </span>
            </span>
          </label>
        ))}
      </fieldset>
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
