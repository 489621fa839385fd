import { useEffect } from 'react';
import { confirmEmail } from '../api/account';
import { sentence } from '../api/apiErrors';
import { emailLink, type EmailLink } from '../page/emailLink';
import { toast } from '../page/toasts';
import type { Session } from '../session/session';
import { useStore } from '../store';

/** What is on its way: it is sent once, however often the page asks. */
let confirming: EmailLink | null = null;

/** Who came by the link that confirms their address, and is signed in, has confirmed it. */
export function useEmailConfirmation(session: Session): void {
  const link = useStore(emailLink);
  useEffect(() => confirmByLink(session, link), [session, link]);
}

/** The link is kept until there is an answer: whoever has to sign in again may leave the page for that. */
export function confirmByLink(session: Session, link: EmailLink | null): void {
  if (link?.kind !== 'confirm-email' || link === confirming) return;
  confirming = link;
  const confirmed = confirmEmail(session, link.token).then(
    () => toast('Your address is confirmed.'),
    (error: unknown) => toast(sentence(error), { tone: 'problem' }),
  );
  void confirmed.finally(() => {
    // Another one may have been opened meanwhile.
    if (emailLink.get() === link) emailLink.set(null);
  });
}
