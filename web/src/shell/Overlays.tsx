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

interface OverlaysProps {
  overlay: Overlay | null;
  expired: boolean;
  onOpen(overlay: Overlay | null): void;
  onNewChat(): void;
  onFocus(place: FocusPlace): void;
}

/** Everything that lies over the page. */
export function Overlays({ overlay, expired, onOpen, onNewChat, onFocus }: OverlaysProps) {
  const { user } = useSession();
  const { tasks } = useTaskContext();
  const { drafts } = useChatContext();
  const close = () => onOpen(null);
  if (expired) return <ReauthDialog user={user} unconfirmed={() => tasks.unconfirmed()} onForget={() => drafts.clear()} />;
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
