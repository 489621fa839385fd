import { lazy, Suspense, useState } from 'react';
import { session } from './session/currentSession';
import { emailLink } from './page/emailLink';
import { Announcer } from './page/announce';
import { clearMessages, resetPageAfterSignOut } from './page/resetPage';
import { isAuthorizePath } from './page/isAuthorizePath';
import { ErrorBoundary } from './page/ErrorBoundary';
import { useStore } from './store';

const importWorkspace = () => import('./shell/WorkspacePage');
const WorkspacePage = lazy(importWorkspace);
const importAuth = () => import('./session/AuthPage');
const AuthPage = lazy(() => importAuth().then(({ AuthPage }) => ({ default: AuthPage })));
const ConsentPage = lazy(() => import('./consent/ConsentPage').then(({ ConsentPage }) => ({ default: ConsentPage })));

// Signed in already: fetch the page at once. Otherwise: while the person types their password.
if (!isAuthorizePath()) {
  if (session.state.get().kind !== 'signed-out') void importWorkspace();
  else {
    void importAuth();
    setTimeout(() => void importWorkspace().catch(() => {}), 1_500);
  }
}

/** Who the page belongs to at this moment. */
function person(): string | null {
  const state = session.state.get();
  return state.kind === 'signed-out' ? null : state.user.id;
}

let last = person();
session.state.subscribe(() => {
  const now = person();
  if (now === last) return;
  // Whoever signs in may have come by the address of a conversation.
  if (last === null) clearMessages();
  else resetPageAfterSignOut();
  last = now;
});

/** The page: what a program asks for that sent the browser here, or one's own list. */
export function App() {
  // Whoever comes back from a provider is by now at the address from which they went there.
  const [asksConsent] = useState(isAuthorizePath);
  return (
    <ErrorBoundary>
      {asksConsent ? (
        <Suspense>
          <ConsentPage />
        </Suspense>
      ) : (
        <OwnPage />
      )}
      <Announcer />
    </ErrorBoundary>
  );
}

/** Signing in, or the workspace of one person. An expired session keeps the workspace on the screen. */
function OwnPage() {
  const state = useStore(session.state);
  // A link to another password is for whoever opens it, whoever is signed in here.
  const choosesPassword = useStore(emailLink)?.kind === 'reset-password';
  return state.kind === 'signed-out' || choosesPassword ? (
    <Suspense>
      <AuthPage />
    </Suspense>
  ) : (
    <Suspense fallback={<div className="grid h-full place-items-center text-quiet">Opening your list…</div>}>
      <WorkspacePage key={state.user.id} session={session} user={state.user} />
    </Suspense>
  );
}
