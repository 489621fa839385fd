import { useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import type { AccountAccessApi } from '../api/accountAccessApi';
import type { AccessToken, NewAccessToken, TokenRequest } from '../api/types';
import { copyText } from '../page/copyText';
import { toast } from '../page/toasts';
import { Button } from '../ui/Button';
import { INPUT } from '../ui/Field';
import { isExpired, tokenLifetimeText } from './accessTimes';
import { ConfirmButton } from './ConfirmButton';
import { FetchState } from './FetchState';
import { NewTokenForm } from './NewTokenForm';
import { ProgramEntry } from './ProgramEntry';
import { useFetched } from './useFetched';

/** The access tokens of programs: makes one, shows it once, revokes it. */
export function ProgramTokens({ api }: { api: AccountAccessApi }) {
  const { items, problem, change, again } = useFetched(api.tokens);
  const [making, setMaking] = useState(false);
  const [made, setMade] = useState<NewAccessToken | null>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  const opener = useRef<HTMLButtonElement>(null);

  const create = async (request: TokenRequest) => {
    const token = await api.create(request).catch((error: unknown) => {
      // Where only the answer was lost there is a token now that nobody has seen.
      again();
      throw error;
    });
    change((before) => [token, ...before.filter(({ id }) => id !== token.id)]);
    setMade(token);
    setMaking(false);
  };
  const cancel = () => {
    flushSync(() => setMaking(false));
    opener.current?.focus();
  };
  const revoke = async ({ id, name }: AccessToken) => {
    await api.revoke(id);
    flushSync(() => {
      change((before) => before.filter((one) => one.id !== id));
      if (made?.id === id) setMade(null);
    });
    heading.current?.focus();
    toast(`“${name}” is revoked.`);
  };

  return (
    <section aria-labelledby="programs" className="space-y-3">
      <h3 ref={heading} id="programs" tabIndex={-1} className="mb-1 font-semibold">
        Tokens for programs
      </h3>
      <p className="text-small text-quiet">
        A script, an editor or an agent needs no password: it comes in with a token, which is good for what you tick. All tokens end when you change your password or sign out on all devices.
      </p>
      {made && <Secret key={made.id} made={made} />}
      {making ? (
        <NewTokenForm onCreate={create} onCancel={cancel} />
      ) : (
        <Button ref={opener} onClick={() => (setMade(null), setMaking(true))}>
          New token…
        </Button>
      )}
      <FetchState items={items} problem={problem} none="No program has a token." onAgain={again} />
      {items && items.length > 0 && (
        <ul aria-label="Tokens" className="divide-y divide-line">
          {items.map((token) => (
            <ProgramEntry key={token.id} name={token.name} scopes={token.scopes} status={tokenLifetimeText(token)} isOver={isExpired(token)}>
              <ConfirmButton word="Revoke" what={token.name} question="Revoke it? What uses it is locked out at once." onYes={() => revoke(token)} />
            </ProgramEntry>
          ))}
        </ul>
      )}
    </section>
  );
}

/** The secret of a token that was just made. */
function Secret({ made }: { made: NewAccessToken }) {
  return (
    <div className="space-y-3 rounded-2xl bg-accent-soft p-4">
      <label className="block">
        <span className="mb-1.5 block text-small font-medium wrap-anywhere">
          Token of “<bdi>{made.name}</bdi>”
        </span>
        <input readOnly autoFocus value={made.token} dir="ltr" spellCheck={false} autoComplete="off" className={`${INPUT} font-mono`} aria-describedby="secret-note" onFocus={(event) => event.target.select()} />
      </label>
      <p id="secret-note" className="text-small">
        Copy it now and keep it as you would a password: it is not shown again.
      </p>
      <Button kind="primary" onClick={() => void copyText(made.token, 'The token is copied.')}>
        Copy token
      </Button>
    </div>
  );
}
