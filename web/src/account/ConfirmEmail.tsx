import { useEffect, useState } from 'react';
import { info, sendConfirmation, fetchUser } from '../api/account';
import { sentence } from '../api/apiErrors';
import { useSession } from '../session/sessionContext';
import { Button } from '../ui/Button';

/** Offers to send another confirmation link when the email address is not confirmed and the server sends mail. */
export function ConfirmEmail() {
  const { session } = useSession();
  const [offered, setOffered] = useState(false);
  const [notice, setNotice] = useState<string | null>(null);
  useEffect(() => {
    Promise.all([info(), fetchUser(session)]).then(
      ([about, me]) => setOffered(about.mail === true && me.email_confirmed === false),
      () => {},
    );
  }, [session]);
  if (!offered) return null;

  const send = () => sendConfirmation(session).then(setNotice, (error: unknown) => setNotice(sentence(error)));
  return (
    <section aria-labelledby="address" className="space-y-2">
      <h3 id="address" className="text-small font-medium">
        Your address is not confirmed
      </h3>
      <p role="status" className="text-small text-quiet">
        {notice ?? 'Open the link in the mail that we sent you when you registered.'}
      </p>
      {notice === null && <Button onClick={() => void send()}>Send the link again</Button>}
    </section>
  );
}
