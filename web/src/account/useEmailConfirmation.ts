import { useEffect } from 'react';
import { confirmEmail } from '../api/account';
import { sentence } from '../api/apiErrors';
import { emailLink } from '../page/emailLink';
import { toast } from '../page/toasts';
import type { Session } from '../session/session';
import { useStore } from '../store';

/** Who came by the link that confirms their address, and is signed in, has confirmed it. */
export function useEmailConfirmation(session: Session): void {
  const link = useStore(emailLink);
  useEffect(() => {
    if (link?.kind !== 'confirm-email') return;
    emailLink.set(null);
    confirmEmail(session, link.token).then(
      () => toast('Your address is confirmed.'),
      (error: unknown) => toast(sentence(error), { tone: 'problem' }),
    );
  }, [session, link]);
}
