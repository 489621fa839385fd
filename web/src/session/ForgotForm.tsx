import { useState } from 'react';
import { forgotPassword } from '../api/account';
import { Button } from '../ui/Button';
import { Field } from '../ui/Field';
import { typed, useSubmit } from '../useSubmit';
import { AuthCard, AuthProblem, LinkButton } from './AuthCard';

/** Asks for a link to another password. */
export function ForgotForm({ email, onBack }: { email: string; onBack(): void }) {
  const [notice, setNotice] = useState<string | null>(null);
  const { problem, busy, onSubmit } = useSubmit(async (fields) => setNotice(await forgotPassword(typed(fields, 'email').trim())));

  return (
    <AuthCard title="Forgot your password?" onSubmit={onSubmit}>
      <p role="status" className="text-quiet">
        {notice ?? 'We mail you a link with which you choose another one.'}
      </p>
      {notice === null && (
        <>
          <Field label="Email" name="email" type="email" autoComplete="username" required autoFocus defaultValue={email} />
          <AuthProblem>{problem}</AuthProblem>
          <Button kind="primary" type="submit" busy={busy} className="w-full">
            {busy ? 'One moment…' : 'Send the link'}
          </Button>
        </>
      )}
      <p className="text-center">
        <LinkButton onClick={onBack}>Back to signing in</LinkButton>
      </p>
    </AuthCard>
  );
}
