import { useMemo } from 'react';
import { accountAccessApi } from '../api/accountAccessApi';
import { useSession } from '../session/sessionContext';
import { Dialog } from '../ui/Dialog';
import { ConnectedPrograms } from './ConnectedPrograms';
import { Devices } from './Devices';
import { ProgramTokens } from './ProgramTokens';

/** The dialog of everything that has access to the account: programs, and the devices on which the person is signed in. */
export function ProgramsAndDevicesDialog({ onClose }: { onClose(): void }) {
  const { session, user } = useSession();
  const api = useMemo(() => accountAccessApi(session, user.id), [session, user.id]);
  return (
    <Dialog title="Programs and devices" side="wide" onClose={onClose}>
      <div className="space-y-6">
        <ConnectedPrograms api={api} />
        <ProgramTokens api={api} />
        <Devices api={api} />
      </div>
    </Dialog>
  );
}
