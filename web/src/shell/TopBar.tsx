import { useStore } from '../store';
import type { Talk } from '../chat/talk';
import type { Overlay } from '../page/overlay';
import { IconButton } from '../ui/Button';
import { MenuIcon, MoreIcon, NewChatIcon, PersonIcon } from '../ui/icons';
import { Mark } from '../ui/Mark';

interface TopBarProps {
  talk: Talk;
  onOpen(overlay: Overlay): void;
  onNewChat(): void;
}

/** Where one is, and the way to everything else. */
export function TopBar({ talk, onOpen, onNewChat }: TopBarProps) {
  const title = useStore(talk.view, (view) => view.title);
  return (
    <header className="flex min-h-14 items-center gap-1 border-b border-line px-2 sm:px-3">
      <IconButton label="Conversations" aria-keyshortcuts="Control+K" onClick={() => onOpen({ kind: 'conversations' })}>
        <MenuIcon />
      </IconButton>
      <span className="mx-1 hidden sm:inline-flex">
        <Mark />
      </span>
      {title ? (
        <h1 className="min-w-0 truncate px-1 font-medium" title={title}>
          {title}
        </h1>
      ) : (
        <p className="min-w-0 truncate px-1 font-medium">Todo chat</p>
      )}
      {title && (
        <IconButton label="This conversation: rename, export, delete" onClick={() => onOpen({ kind: 'conversation', id: talk.id, title })}>
          <MoreIcon />
        </IconButton>
      )}
      <span className="flex-1" />
      <IconButton label="New chat" aria-keyshortcuts="Control+Shift+O" onClick={onNewChat}>
        <NewChatIcon />
      </IconButton>
      <IconButton label="Account and settings" onClick={() => onOpen({ kind: 'account' })}>
        <PersonIcon />
      </IconButton>
    </header>
  );
}
