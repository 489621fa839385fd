import { useState } from 'react';
import { reauthenticate } from '../api/account';
import type { User } from '../api/types';
import { Button } from '../ui/Button';
import { Dialog } from '../ui/Dialog';
import { Field } from '../ui/Field';
import { typed, useSubmit } from '../useSubmit';
import { session } from './currentSession';
import { ProviderButtons } from './ProviderButtons';
import { useServerInfo } from './useServerInfo';

interface ReauthDialogProps {
  user: User;
  /** How many changes are kept on this device only, by all tabs. */
  unconfirmed(): number;
  /** Forgets what is kept on this device, before signing out. */
  onForget(): void;
}

/** The session is over; everything stays where it is behind this dialog, and goes on after signing in. */
export function ReauthDialog({ user, unconfirmed, onForget }: ReauthDialogProps) {
  const [losing, setLosing] = useState(unconfirmed);
  const providers = useServerInfo()?.sign_in_with ?? [];
  const { problem, busy, onSubmit } = useSubmit(async (fields) => session.accept(await reauthenticate(user.email, typed(fields, 'password'))));

  const signOut = () => {
    const count = unconfirmed();
    // Another tab may have kept more since.
    if (count > losing) return setLosing(count);
    onForget();
    session.forget();
  };

  return (
    <Dialog title="Please sign in again" description="Your session has ended. Everything you typed is still here, and goes on as soon as you are back.">
      <form method="post" onSubmit={onSubmit} className="space-y-4">
        {/* Nothing to type here: where a dialog below keeps the focus at first, it goes to the password. */}
        <Field label="Email" name="email" type="email" autoComplete="username" value={user.email} readOnly tabIndex={-1} />
        <Field label="Password" name="password" type="password" autoComplete="current-password" required autoFocus problem={problem} />
        <div className="flex flex-wrap justify-end gap-2">
          <Button kind="quiet" onClick={signOut}>
            {losing > 0 ? `Sign out and forget ${losing === 1 ? 'one change' : `${losing} changes`}` : 'Sign out'}
          </Button>
          <Button kind="primary" type="submit" busy={busy}>
            Sign in
          </Button>
        </div>
      </form>
      <div className="mt-4 empty:hidden">
        <ProviderButtons names={providers} />
      </div>
    </Dialog>
  );
}
