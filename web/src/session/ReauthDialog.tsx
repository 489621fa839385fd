import { useState, type FormEvent } from 'react';
import { login } from '../api/account';
import { sentence } from '../api/problem';
import type { User } from '../api/types';
import { Button } from '../ui/Button';
import { Dialog } from '../ui/Dialog';
import { Field } from '../ui/Field';
import { session } from './current';

/** The session is over; everything stays where it is behind this dialog, and goes on after signing in. */
export function ReauthDialog({ user }: { user: User }) {
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const password = String(new FormData(event.currentTarget).get('password') ?? '');
    setBusy(true);
    try {
      session.accept(await login(user.email, password));
    } catch (error) {
      setProblem(sentence(error));
      setBusy(false);
    }
  };

  return (
    <Dialog title="Please sign in again" description="Your session has ended. Everything you typed is still here, and goes on as soon as you are back.">
      <form method="post" onSubmit={submit} className="space-y-4">
        <Field label="Email" name="email" type="email" autoComplete="username" value={user.email} readOnly />
        <Field label="Password" name="password" type="password" autoComplete="current-password" required autoFocus problem={problem} />
        <div className="flex flex-wrap justify-end gap-2">
          <Button kind="quiet" onClick={() => session.forget()}>
            Sign out
          </Button>
          <Button kind="primary" type="submit" busy={busy}>
            Sign in
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
