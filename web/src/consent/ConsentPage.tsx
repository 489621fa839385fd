import { useEffect, useState, type ReactNode } from 'react';
import { readProgramRequest } from '../api/oauthApi';
import { sentence } from '../api/apiErrors';
import type { ProgramRequest } from '../api/types';
import { Banners } from '../page/Banners';
import { session } from '../session/currentSession';
import { SignInOptions } from '../session/SignInOptions';
import { useServerInfo } from '../session/useServerInfo';
import { useStore } from '../store';
import { Button } from '../ui/Button';
import { WarnIcon } from '../ui/icons';
import { Logo } from '../ui/Logo';
import { ConsentForm } from './ConsentForm';
import { clientIdentityOf } from './clientIdentity';

/** The consent page of OAuth: shows which program asks for access to what, and takes the yes or no of the person who signs in. */
export function ConsentPage() {
  const state = useStore(session.state);
  const about = useServerInfo();
  const [query] = useState(() => location.search.slice(1));
  const { asked, problem, again } = useProgramRequest(query);
  const [address, setAddress] = useState<string | null>(null);
  const name = asked?.client.name;
  useEffect(() => {
    document.title = name ? `Connect ${name} · Todo chat` : 'Todo chat';
  }, [name, state.kind]);

  const goBack = (to: string) => {
    setAddress(to);
    location.assign(to);
  };
  if (problem) {
    return (
      <Frame title="This program cannot be connected">
        <p role="alert" className="rounded-xl bg-danger-soft px-3.5 py-2.5 text-danger wrap-anywhere">
          {problem}
        </p>
        <p className="text-quiet">Nothing was allowed. Go back to the program and begin again there, or go to your list.</p>
        <div className="flex flex-wrap gap-2">
          <Button onClick={again}>Try again</Button>
          <Button onClick={() => location.assign('/')}>Go to your list</Button>
        </div>
      </Frame>
    );
  }
  if (!asked) {
    return (
      <Frame title="Connect a program">
        <p role="status" className="text-quiet">
          Looking up who asks…
        </p>
      </Frame>
    );
  }
  if (address) {
    return (
      <Frame title="Done here">
        <p role="status" className="wrap-anywhere">
          You go back to <bdi>{name}</bdi> now.
        </p>
        <p className="text-quiet">
          Nothing happens?{' '}
          <a href={address} className="font-medium text-accent underline underline-offset-4">
            Go back yourself
          </a>
          . If the program has gone on already, you can close this page.
        </p>
      </Frame>
    );
  }
  return (
    <Frame title={<>Connect <bdi>{name}</bdi> to your list?</>}>
      <ClientIdentity asked={asked} />
      {state.kind === 'signed-in' ? (
        <ConsentForm key={state.user.id} session={session} user={state.user} asked={asked} query={query} onAnswered={goBack} />
      ) : (
        <div>
          <SignInOptions about={about} notice={state.kind === 'expired' ? 'Your session has ended. Sign in again to go on.' : 'Sign in first: then you say what it may do.'} />
        </div>
      )}
    </Frame>
  );
}

/** Where the program is, and what is to be thought of its name. */
function ClientIdentity({ asked }: { asked: ProgramRequest }) {
  const { place, warning } = clientIdentityOf(asked);
  return (
    <>
      <p className="text-read text-quiet wrap-anywhere">{place}</p>
      {warning && (
        <p className="flex gap-3 rounded-xl bg-amber-soft px-3.5 py-2.5 wrap-anywhere">
          <WarnIcon className="mt-0.5 size-5 shrink-0" />
          <span>{warning}</span>
        </p>
      )}
    </>
  );
}

function Frame({ title, children }: { title: ReactNode; children: ReactNode }) {
  return (
    <div className="flex h-full flex-col overflow-y-auto">
      <Banners />
      <main className="m-auto w-full max-w-md space-y-4 px-6 py-8">
        <Logo />
        <h1 className="text-hello font-semibold tracking-tight text-balance wrap-anywhere">{title}</h1>
        {children}
      </main>
    </div>
  );
}

/** Who asks for what; or why that cannot be said. */
function useProgramRequest(query: string) {
  const [asked, setAsked] = useState<ProgramRequest | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    let current = true;
    readProgramRequest(query).then(
      (found) => current && setAsked(found),
      (error: unknown) => current && setProblem(sentence(error)),
    );
    return () => {
      current = false;
    };
  }, [query, attempt]);
  const again = () => {
    setProblem(null);
    setAttempt((before) => before + 1);
  };
  return { asked, problem, again };
}
