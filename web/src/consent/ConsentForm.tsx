import { useId, useState } from 'react';
import { UnsyncedChangesWarning } from '../account/UnsyncedChangesWarning';
import { NoScopeSelected, ScopeBoxes, tickedScopes } from '../account/ScopeBoxes';
import { decideAuthorization } from '../api/oauthApi';
import { sentence } from '../api/apiErrors';
import type { ProgramRequest, User } from '../api/types';
import { Drafts } from '../chat/drafts';
import { LinkButton } from '../session/AuthCard';
import type { Session } from '../session/session';
import { memory } from '../storage';
import { Outbox } from '../tasks/outbox';
import { Button } from '../ui/Button';

interface ConsentFormProps {
  session: Session;
  user: User;
  asked: ProgramRequest;
  /** The request of the program, as the browser brought it. */
  query: string;
  /** The browser may go back to the program. */
  onAnswered(address: string): void;
}

/** What the program may do, in whose name, and the two answers. */
export function ConsentForm({ session, user, asked, query, onAnswered }: ConsentFormProps) {
  const id = useId();
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);

  const answer = async (scopesOf: () => ProgramRequest['scopes']) => {
    // Not disabled meanwhile: that would take the focus away.
    if (busy) return;
    setError(null);
    try {
      const scopes = scopesOf();
      setBusy(true);
      onAnswered(await decideAuthorization(session, user.id, query, scopes));
    } catch (error) {
      setError(error);
      setBusy(false);
    }
  };
  const waits = { 'aria-busy': busy || undefined, 'aria-disabled': busy || undefined };

  return (
    <form
      aria-label="What it may do"
      className="space-y-4 rounded-3xl border border-line bg-surface p-5 shadow-xs sm:p-6"
      onSubmit={(event) => {
        event.preventDefault();
        const fields = new FormData(event.currentTarget);
        void answer(() => tickedScopes(fields, asked.scopes));
      }}
    >
      <SignedInAs session={session} user={user} />
      <ScopeBoxes legend="It may" offered={asked.scopes} ticked={asked.scopes} problemId={error instanceof NoScopeSelected ? `${id}-problem` : undefined} />
      <p className="text-small text-quiet">It never learns your password and cannot change your account. You can disconnect it at any time under “Programs and devices”.</p>
      <p id={`${id}-problem`} role="alert" className="text-danger empty:hidden">
        {error !== null && sentence(error)}
      </p>
      <div className="flex gap-2">
        <Button className="flex-1" {...waits} onClick={() => void answer(() => [])}>
          Deny
        </Button>
        <Button kind="primary" type="submit" className="flex-1" {...waits}>
          Allow
        </Button>
      </div>
    </form>
  );
}

/** As whom one answers, and a way to be somebody else. */
function SignedInAs({ session, user }: { session: Session; user: User }) {
  const [losing, setLosing] = useState(0);
  const signOut = () => {
    const kept = new Outbox(memory, user.id).size();
    if (kept > 0 && losing === 0) return setLosing(kept);
    new Drafts(memory, user.id).clear();
    session.signOut();
  };
  return (
    <div className="border-b border-line pb-1 text-small">
      <p className="wrap-anywhere">
        You are <b className="font-medium">{user.email}</b>.
      </p>
      {losing > 0 && <UnsyncedChangesWarning count={losing} />}
      <LinkButton onClick={signOut}>{losing > 0 ? 'Sign out and forget' : 'Not you? Sign out'}</LinkButton>
    </div>
  );
}
