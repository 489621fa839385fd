import { useStore } from '../store';
import type { Info } from '../api/types';
import type { ChatController } from '../chat/chatController';
import type { Overlay } from '../page/overlay';
import { IconButton } from '../ui/Button';
import type { Pane } from './PhoneTabs';
import { MenuIcon, MoreIcon, NewChatIcon, PersonIcon } from '../ui/icons';
import { Logo } from '../ui/Logo';

interface TopBarProps {
  controller: ChatController;
  info: Info | null;
  /** What a phone shows: the title of the chat says nothing about the list. */
  pane: Pane;
  onOpen(overlay: Overlay): void;
  onNewChat(): void;
}

/** Where one is, and the way to everything else. */
export function TopBar({ controller, info, pane, onOpen, onNewChat }: TopBarProps) {
  const title = useStore(controller.view, (view) => view.title);
  // Beside the chat there is a heading already: its title, or its greeting.
  const PageName = pane === 'list' ? 'h1' : 'p';
  const ofChat = pane === 'list' ? 'max-md:hidden' : '';
  return (
    <header className="flex min-h-14 items-center gap-1 border-b border-line px-2 sm:px-3">
      <IconButton label="Conversations" onClick={() => onOpen({ kind: 'conversations' })}>
        <MenuIcon />
      </IconButton>
      <span className="mx-1 hidden sm:inline-flex">
        <Logo />
      </span>
      {title && (
        <h1 dir="auto" className={`min-w-0 truncate px-1 font-medium ${ofChat}`} title={title}>
          {title}
        </h1>
      )}
      <PageName className={`min-w-0 truncate px-1 font-medium ${title ? (ofChat ? 'md:hidden' : 'hidden') : ''}`}>Todo chat</PageName>
      {title && (
        <IconButton className={ofChat} label="This conversation: rename, export, delete" onClick={() => onOpen({ kind: 'conversation', id: controller.id, title })}>
          <MoreIcon />
        </IconButton>
      )}
      <span className="flex-1" />
      {info && info.models.length > 1 && <ModelChoice controller={controller} info={info} />}
      <IconButton label="New chat" aria-keyshortcuts="Control+Shift+O" onClick={onNewChat}>
        <NewChatIcon />
      </IconButton>
      <IconButton label="Account and settings" onClick={() => onOpen({ kind: 'account' })}>
        <PersonIcon />
      </IconButton>
    </header>
  );
}

/** Which model answers in this conversation. */
function ModelChoice({ controller, info }: { controller: ChatController; info: Info }) {
  const chosen = useStore(controller.view, (view) => view.model);
  return (
    <select
      aria-label="Model"
      value={chosen && info.models.includes(chosen) ? chosen : info.model.name}
      onChange={(event) => controller.chooseModel(event.target.value)}
      className="min-h-11 w-24 shrink-0 truncate rounded-xl bg-sunken px-3 text-small text-ink sm:w-auto sm:max-w-56"
    >
      {info.models.map((name) => (
        <option key={name}>{name}</option>
      ))}
    </select>
  );
}
