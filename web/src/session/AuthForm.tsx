import { useState, type FormEvent } from 'react';
import { login, register } from '../api/account';
import { ApiError, sentence } from '../api/apiErrors';
import { memory } from '../storage';
import { Button } from '../ui/Button';
import { Field } from '../ui/Field';
import { AuthCard, AuthProblem, LinkButton } from './AuthCard';
import { session } from './currentSession';
import { ForgotForm } from './ForgotForm';

/** Somebody has signed in here before, so signing in is likelier than registering. */
const RETURNING = 'todo-chat.returning';

type Mode = 'login' | 'register' | 'forgot';

interface AuthFormProps {
  /** Whether the server can mail a link to another password. */
  mail: boolean;
  /** What is to be said above the fields. */
  notice?: string | null;
}

const TEXTS = {
  login: { title: 'Welcome back', action: 'Sign in', other: 'New here?', switchTo: 'Create an account' },
  register: { title: 'Create your account', action: 'Create account', other: 'Have an account?', switchTo: 'Sign in' },
} as const;

/** Signing in and registering; changing from one to the other keeps what was typed. */
export function AuthForm({ mail, notice = null }: AuthFormProps) {
  const [mode, setMode] = useState<Mode>(() => (notice || memory.read(RETURNING) ? 'login' : 'register'));
  const [email, setEmail] = useState('');
  const [problem, setProblem] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  if (mode === 'forgot') return <ForgotForm email={email} onBack={() => setMode('login')} />;
  const texts = TEXTS[mode];

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    const read = (name: string) => String(fields.get(name) ?? '');
    setBusy(true);
    setProblem(null);
    try {
      const name = read('name').trim();
      const answer =
        mode === 'login'
          ? await login(read('email').trim(), read('password'))
          : await register({ email: read('email').trim(), password: read('password'), ...(name && { name }) });
      memory.write(RETURNING, '1');
      session.accept(answer);
    } catch (error) {
      setProblem(error);
      setBusy(false);
    }
  };

  const fieldProblem = (field: string) => (problem instanceof ApiError ? (problem.fields.find((one) => one.field === field)?.message ?? null) : null);
  const shownBelowFields = problem instanceof ApiError && problem.fields.length > 0;
  const taken = mode === 'register' && problem instanceof ApiError && problem.status === 409;

  return (
    <AuthCard title={texts.title} onSubmit={submit}>
      {notice && <p role="status">{notice}</p>}
      {mode === 'register' && <Field label="Name (optional)" name="name" dir="auto" autoComplete="name" maxLength={100} problem={fieldProblem('name')} />}
      <Field label="Email" name="email" type="email" autoComplete="username" required defaultValue={email} onChange={(event) => setEmail(event.target.value)} problem={fieldProblem('email')} />
      <Field
        label="Password"
        name="password"
        type="password"
        required
        minLength={mode === 'register' ? 8 : 1}
        maxLength={256}
        autoComplete={mode === 'register' ? 'new-password' : 'current-password'}
        {...(mode === 'register' && { hint: 'At least 8 characters.' })}
        problem={fieldProblem('password')}
      />
      <AuthProblem>
        {problem !== null && !shownBelowFields && (
          <>
            {sentence(problem)} {taken && 'Try to sign in instead.'}
          </>
        )}
      </AuthProblem>
      <Button kind="primary" type="submit" busy={busy} className="w-full">
        {busy ? 'One moment…' : texts.action}
      </Button>
      <p className="text-center text-quiet">
        {texts.other}{' '}
        <LinkButton
          onClick={() => {
            setMode(mode === 'login' ? 'register' : 'login');
            setProblem(null);
          }}
        >
          {texts.switchTo}
        </LinkButton>
      </p>
      {mode === 'login' && mail && (
        <p className="text-center">
          <LinkButton onClick={() => setMode('forgot')}>Forgot password?</LinkButton>
        </p>
      )}
    </AuthCard>
  );
}
