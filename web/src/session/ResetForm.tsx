import { resetPassword } from '../api/account';
import { emailLink } from '../page/emailLink';
import { Button } from '../ui/Button';
import { Field } from '../ui/Field';
import { typed, useSubmit } from '../useSubmit';
import { AuthCard, AuthProblem, LinkButton } from './AuthCard';

/** Chooses another password by a link out of a mail. */
export function ResetForm({ token, onDone }: { token: string; onDone(): void }) {
  const { problem, busy, onSubmit } = useSubmit(async (fields) => {
    await resetPassword(token, typed(fields, 'next'));
    emailLink.set(null);
    onDone();
  });

  return (
    <AuthCard title="Choose a new password" onSubmit={onSubmit}>
      <Field label="New password" name="next" type="password" autoComplete="new-password" minLength={8} maxLength={256} required autoFocus hint="At least 8 characters. You will be signed out everywhere." />
      <AuthProblem>{problem}</AuthProblem>
      <Button kind="primary" type="submit" busy={busy} className="w-full">
        {busy ? 'One moment…' : 'Set the password'}
      </Button>
      <p className="text-center">
        <LinkButton onClick={() => emailLink.set(null)}>Keep the old one</LinkButton>
      </p>
    </AuthCard>
  );
}
