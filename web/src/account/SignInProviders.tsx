import { useMemo, useRef } from 'react';
import { flushSync } from 'react-dom';
import { accountAccessApi } from '../api/accountAccessApi';
import type { Identity } from '../api/types';
import { toast } from '../page/toasts';
import { PROVIDER_LABELS } from '../session/providerSignIn';
import { useSession } from '../session/sessionContext';
import { linkedText } from './accessTimes';
import { ConfirmButton } from './ConfirmButton';
import { useFetched } from './useFetched';

/** The providers with which one signs in, and a way to give each up; nothing for who signs in with a password alone. */
export function SignInProviders() {
  const { session, user } = useSession();
  const api = useMemo(() => accountAccessApi(session, user.id), [session, user.id]);
  const { items, change } = useFetched(api.providers);
  const heading = useRef<HTMLHeadingElement>(null);
  const shown = useRef(false);
  shown.current ||= (items?.length ?? 0) > 0;

  const giveUp = async ({ provider }: Identity) => {
    await api.giveUp(provider);
    flushSync(() => change((before) => before.filter((one) => one.provider !== provider)));
    heading.current?.focus();
    toast(`${PROVIDER_LABELS[provider]} does not sign you in any more.`);
  };

  if (!shown.current) return null;
  return (
    <section aria-labelledby="providers">
      <h3 ref={heading} id="providers" tabIndex={-1} className="mb-1 text-small font-medium">
        You sign in with
      </h3>
      {items && items.length > 0 ? (
        <ul aria-label="You sign in with" className="divide-y divide-line">
          {items.map((identity) => (
            <li key={identity.provider} className="flex flex-wrap items-center justify-end gap-2 py-1">
              <p className="min-w-40 flex-1">
                {PROVIDER_LABELS[identity.provider]} <span className="text-small text-quiet">{linkedText(identity)}</span>
              </p>
              <ConfirmButton word="Give up" what={PROVIDER_LABELS[identity.provider]} question="Give it up? It signs you in no longer." onYes={() => giveUp(identity)} />
            </li>
          ))}
        </ul>
      ) : (
        <p className="text-small text-quiet">Your password alone.</p>
      )}
    </section>
  );
}
