import { useState, type FormEvent } from 'react';
import { sentence } from './api/apiErrors';

/** Sends a form: what was wrong with it, and whether it is on its way. After a success it stays busy, because it is about to go. */
export function useSubmit(send: (fields: FormData) => Promise<void>) {
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);

  const onSubmit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    setBusy(true);
    setError(null);
    try {
      await send(fields);
    } catch (error) {
      setError(error);
      setBusy(false);
    }
  };

  return { problem: error === null ? null : sentence(error), error, busy, onSubmit };
}

/** What was typed into a field; nothing when the form has no such field. */
export function typed(fields: FormData, name: string): string {
  return String(fields.get(name) ?? '');
}
