import { AccountDialog } from '../account/AccountDialog';
import { ProgramsAndDevicesDialog } from '../account/ProgramsAndDevicesDialog';
import { ActivityDialog } from '../activity/ActivityDialog';
import { ProgramApprovalsDialog } from '../chat/ProgramApprovalsDialog';
import { useChatContext } from '../chat/chatContext';
import { ConversationActionsDialog } from '../conversations/ConversationActionsDialog';
import { ConversationDrawer } from '../conversations/ConversationDrawer';
import { ReauthDialog } from '../session/ReauthDialog';
import { CommandPalette, type FocusPlace } from './CommandPalette';
import { ShortcutsDialog } from './ShortcutsDialog';
import type { Overlay } from '../page/overlay';
import { useSession } from '../session/sessionContext';
import { useTaskContext } from '../tasks/taskContext';

interface OpenedProps {
  overlay: Overlay | null;
  onOpen(overlay: Overlay | null): void;
  onNewChat(): void;
  onFocus(place: FocusPlace): void;
}

interface OverlaysProps extends OpenedProps {
  expired: boolean;
}

/** Everything that lies over the page. Who must sign in again keeps what is open below, and what was typed there. */
export function Overlays({ expired, ...opened }: OverlaysProps) {
  const { user } = useSession();
  const { tasks } = useTaskContext();
  const { drafts } = useChatContext();
  return (
    <>
      <Opened {...opened} />
      {expired && <ReauthDialog user={user} unconfirmed={() => tasks.unconfirmed()} onForget={() => drafts.clear()} />}
    </>
  );
}

function Opened({ overlay, onOpen, onNewChat, onFocus }: OpenedProps) {
  const close = () => onOpen(null);
  switch (overlay?.kind) {
    case 'conversations':
      return <ConversationDrawer onClose={close} onOpen={onOpen} onNewChat={onNewChat} />;
    case 'commands':
      return <CommandPalette onClose={close} onOpen={onOpen} onNewChat={onNewChat} onFocus={onFocus} />;
    case 'conversation':
      return <ConversationActionsDialog id={overlay.id} title={overlay.title} onClose={close} onGone={onNewChat} />;
    case 'account':
      return <AccountDialog onClose={close} onOpen={onOpen} />;
    case 'programs':
      return <ProgramsAndDevicesDialog onClose={close} />;
    case 'program-approvals':
      return <ProgramApprovalsDialog onClose={close} />;
    case 'activity':
      return <ActivityDialog task={overlay.task} onClose={close} />;
    case 'shortcuts':
      return <ShortcutsDialog onClose={close} />;
    default:
      return null;
  }
}
