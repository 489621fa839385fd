import { useState } from 'react';
import { logoutEverywhere } from '../api/account';
import { sentence } from '../api/apiErrors';
import { useChatContext } from '../chat/chatContext';
import type { Overlay } from '../page/overlay';
import { setTheme, theme } from '../page/theme';
import { toast } from '../page/toasts';
import { useSession } from '../session/sessionContext';
import { useStore } from '../store';
import { useTaskContext } from '../tasks/taskContext';
import { Button } from '../ui/Button';
import { Dialog } from '../ui/Dialog';
import { Segments } from '../ui/Segments';
import { AccountData } from './AccountData';
import { CalendarSettings } from './CalendarSettings';
import { ConfirmEmail } from './ConfirmEmail';
import { DeleteAccount } from './DeleteAccount';
import { UnsyncedChangesWarning } from './UnsyncedChangesWarning';
import { PasswordForm } from './PasswordForm';
import { RegionalSettings } from './RegionalSettings';
import { SignInProviders } from './SignInProviders';
import { UsageSummary } from './UsageSummary';

const THEMES = [
  { value: 'system', label: 'System' },
  { value: 'light', label: 'Light' },
  { value: 'dark', label: 'Dark' },
] as const;

type Page = 'main' | 'password' | 'delete';

/** The account dialog: who is signed in, the theme and other settings, and how to sign out or delete the account. */
export function AccountDialog({ onClose, onOpen }: { onClose(): void; onOpen(overlay: Overlay): void }) {
  const { user, session } = useSession();
  const { drafts } = useChatContext();
  const { tasks } = useTaskContext();
  const [page, setPage] = useState<Page>('main');
  const [losing, setLosing] = useState(0);
  const look = useStore(theme);

  if (page === 'password') return <PasswordForm onClose={onClose} onBack={() => setPage('main')} />;
  if (page === 'delete') return <DeleteAccount onClose={onClose} onBack={() => setPage('main')} />;

  /** Signing out forgets what all tabs keep on this device: where the server has not got it, a second press agrees to that. */
  const mayForget = async () => {
    await tasks.settle();
    const unconfirmed = tasks.unconfirmed();
    const agreed = unconfirmed <= losing;
    setLosing(unconfirmed);
    return agreed;
  };
  const signOut = async () => {
    if (!(await mayForget())) return;
    drafts.clear();
    session.signOut();
  };
  const everywhere = async () => {
    if (!(await mayForget())) return;
    await logoutEverywhere(session).then(
      () => drafts.clear(),
      (error: unknown) => toast(sentence(error), { tone: 'problem' }),
    );
  };

  return (
    <Dialog title={user.name || 'Your account'} description={user.email} onClose={onClose}>
      <div className="space-y-6">
        <section aria-labelledby="look">
          <h3 id="look" className="mb-2 text-small font-medium">
            Appearance
          </h3>
          <Segments label="Appearance" value={look} options={THEMES} onChange={setTheme} />
        </section>
        <ConfirmEmail />
        <SignInProviders />
        <RegionalSettings />
        <CalendarSettings />
        <UsageSummary />
        <AccountData />
        <ul className="-mx-2">
          <Entry onClick={() => onOpen({ kind: 'activity' })}>Activity</Entry>
          <Entry onClick={() => onOpen({ kind: 'programs' })}>Programs and devices</Entry>
          <Entry onClick={() => onOpen({ kind: 'shortcuts' })}>Keyboard shortcuts</Entry>
          <Entry onClick={() => setPage('password')}>Change password…</Entry>
          <Entry onClick={() => void everywhere()}>Sign out on all devices</Entry>
          <Entry danger onClick={() => setPage('delete')}>
            Delete account…
          </Entry>
        </ul>
        {losing > 0 && <UnsyncedChangesWarning count={losing} />}
        <Button className="w-full" onClick={() => void signOut()}>
          {losing > 0 ? 'Sign out and forget' : 'Sign out'}
        </Button>
      </div>
    </Dialog>
  );
}

function Entry({ danger = false, onClick, children }: { danger?: boolean; onClick(): void; children: React.ReactNode }) {
  return (
    <li>
      <button type="button" onClick={onClick} className={`min-h-11 w-full rounded-xl px-2 text-left hover:bg-sunken ${danger ? 'text-danger' : ''}`}>
        {children}
      </button>
    </li>
  );
}
