import { useEffect, useRef, useState, type KeyboardEvent } from 'react';
import { sentence } from '../api/apiErrors';
import type { ConversationSummary } from '../api/types';
import { openConversation, route } from '../page/route';
import { toast } from '../page/toasts';
import type { Overlay } from '../page/overlay';
import { useStore } from '../store';
import { Button, IconButton } from '../ui/Button';
import { Dialog } from '../ui/Dialog';
import { MoreIcon, NewChatIcon, SearchIcon } from '../ui/icons';
import { isComposing } from '../ui/isComposing';
import { relativeTime } from '../page/relativeTime';
import { useConversationContext } from './conversationContext';

interface ConversationDrawerProps {
  onClose(): void;
  onOpen(overlay: Overlay): void;
  onNewChat(): void;
}

/** All conversations of this person, from any device: find, open, rename, delete. */
export function ConversationDrawer({ onClose, onOpen, onNewChat }: ConversationDrawerProps) {
  const { conversations, conversationApi } = useConversationContext();
  const { phase, items, total, problem } = useStore(conversations.view);
  const [search, setSearch] = useState('');
  const current = useStore(route).conversation;
  const content = useRef<HTMLDivElement>(null);

  const open = (id: string) => {
    onClose();
    openConversation(id);
  };
  /** Enter in the search opens what is found first, also when that is still on its way. */
  const openFirst = async () => {
    const [first] = (await conversationApi.list(search.trim(), 0)).conversations;
    if (first) open(first.id);
  };
  /** The arrow keys go from the search into the list, through it, and back. */
  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    if (isComposing(event)) return;
    const target = event.target as HTMLElement;
    if (event.key === 'Enter' && target.matches('[type=search]')) {
      event.preventDefault();
      void openFirst().catch((error: unknown) => toast(sentence(error)));
    }
    if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
    const stops = [...(content.current?.querySelectorAll<HTMLElement>('[type=search], [data-conversation]') ?? [])];
    const next = stops[stops.indexOf(target) + (event.key === 'ArrowDown' ? 1 : -1)];
    if (!stops.includes(target) || !next) return;
    event.preventDefault();
    next.focus();
  };

  useEffect(() => {
    const timer = setTimeout(() => void conversations.load(search), search ? 200 : 0);
    return () => clearTimeout(timer);
  }, [search, conversations]);

  return (
    <Dialog title="Conversations" side="left" onClose={onClose}>
      <div ref={content} onKeyDown={onKeyDown}>
        <div className="sticky -top-1 z-10 -mx-5 space-y-2 bg-surface px-5 pb-3">
          <Button className="w-full" onClick={() => (onClose(), onNewChat())}>
            <NewChatIcon className="size-4.5" /> New chat
          </Button>
          <label className="flex min-h-11 items-center gap-2 rounded-xl bg-sunken pl-3 text-quiet focus-within:outline-2 focus-within:outline-accent">
            <SearchIcon className="size-4 shrink-0" />
            <input type="search" dir="auto" autoFocus value={search} aria-label="Find a conversation" placeholder="Find in titles and messages" className="w-full min-w-0 bg-transparent pr-3 text-ink outline-none" onChange={(event) => setSearch(event.target.value)} />
          </label>
        </div>
        <p role="status" className={items.length === 0 || problem ? 'py-6 text-center text-quiet' : 'sr-only'}>
          {problem ?? (phase === 'loading' ? 'Looking…' : items.length > 0 ? `${total} conversations` : search ? `Nothing was said about “${search}”.` : 'What you talk about will be kept here.')}
        </p>
        <ul className="-mx-2">
          {items.map((item) => (
            <Row key={item.id} item={item} current={item.id === current} onOpen={() => open(item.id)} onMore={() => onOpen({ kind: 'conversation', id: item.id, title: item.title ?? '' })} />
          ))}
        </ul>
        {items.length < total && (
          <Button kind="quiet" className="mt-2 w-full" onClick={() => void conversations.loadMore().catch((error: unknown) => toast(sentence(error)))}>
            Show more
          </Button>
        )}
      </div>
    </Dialog>
  );
}

interface RowProps {
  item: ConversationSummary;
  current: boolean;
  onOpen(): void;
  onMore(): void;
}

function Row({ item, current, onOpen, onMore }: RowProps) {
  const title = item.title || 'Untitled';
  return (
    <li className={`flex items-center rounded-xl ${current ? 'bg-accent-soft' : 'hover:bg-sunken'}`}>
      <button type="button" data-conversation aria-current={current ? 'page' : undefined} onClick={onOpen} className="min-h-12 min-w-0 flex-1 rounded-xl px-3 py-1.5 text-left">
        <span dir="auto" className="block truncate">{title}</span>
        <span className="block text-small text-quiet">{relativeTime(item.updated_at)}</span>
      </button>
      <IconButton label={`Rename, export or delete “${title}”`} onClick={onMore}>
        <MoreIcon />
      </IconButton>
    </li>
  );
}
