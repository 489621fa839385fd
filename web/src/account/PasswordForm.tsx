import { changePassword, WrongPassword } from '../api/account';
import { toast } from '../page/toasts';
import { useSession } from '../session/sessionContext';
import { Button } from '../ui/Button';
import { Dialog } from '../ui/Dialog';
import { Field } from '../ui/Field';
import { typed, useSubmit } from '../useSubmit';

/** Changes the password; every other device is signed out by that. */
export function PasswordForm({ onClose, onBack }: { onClose(): void; onBack(): void }) {
  const { session } = useSession();
  const hasOne = session.person()?.has_password !== false;
  const { problem, error, busy, onSubmit } = useSubmit(async (fields) => {
    await changePassword(session, hasOne ? typed(fields, 'current') : undefined, typed(fields, 'next'));
    onClose();
    toast('Your password is changed. Other devices are signed out, and tokens are revoked.');
  });

  const wrong = error instanceof WrongPassword;
  return (
    <Dialog title="Change password" description="Your other devices will have to sign in again, and the tokens of your programs end." onClose={onClose}>
      <form method="post" onSubmit={onSubmit} className="space-y-4">
        {hasOne && <Field label="Current password" name="current" type="password" autoComplete="current-password" required autoFocus problem={wrong ? problem : null} />}
        <Field label="New password" name="next" type="password" autoComplete="new-password" autoFocus={!hasOne} minLength={8} maxLength={256} required hint="At least 8 characters." />
        <p role="alert" className="text-danger empty:hidden">
          {wrong ? null : problem}
        </p>
        <div className="flex justify-end gap-2">
          <Button kind="quiet" onClick={onBack}>
            Back
          </Button>
          <Button kind="primary" type="submit" busy={busy}>
            Change password
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
