import { useEffect, useId, useRef, useState, type KeyboardEvent } from 'react';
import { flushSync } from 'react-dom';
import type { ConversationSummary } from '../api/types';
import { useChatContext } from '../chat/chatContext';
import { useConversationContext } from '../conversations/conversationContext';
import { openConversation, route } from '../page/route';
import type { Overlay } from '../page/overlay';
import { setTheme } from '../page/theme';
import { Dialog } from '../ui/Dialog';
import { SearchIcon } from '../ui/icons';
import { isComposing } from '../ui/isComposing';
import { SHORTCUTS } from '../page/shortcuts';

/** A place of the page that can take the focus. */
export type FocusPlace = 'message' | 'addTask' | 'searchTasks';

interface CommandPaletteProps {
  onClose(): void;
  onOpen(overlay: Overlay): void;
  onNewChat(): void;
  onFocus(place: FocusPlace): void;
}

interface Command {
  id: string;
  label: string;
  /** The keys that do the same at once. */
  keys?: string;
  run?(): void;
  opens?: Overlay;
}

const MAX_CONVERSATIONS = 8;
const TYPING_MS = 150;

/** Everything one can do and every conversation, found by typing: arrow keys choose, Enter does it. */
export function CommandPalette(props: CommandPaletteProps) {
  const { onClose, onOpen } = props;
  const [search, setSearch] = useState('');
  const [chosen, setChosen] = useState(0);
  const conversations = useFound(search);
  const list = useRef<HTMLDivElement>(null);
  const id = useId();

  const groups: Array<{ name: string; commands: Command[] }> = [
    { name: 'Actions', commands: useActions(props).filter(({ label }) => fits(label, search)) },
    { name: 'Conversations', commands: conversations.map(({ id, title }) => ({ id, label: title || 'Untitled', run: () => openConversation(id) })) },
  ].filter(({ commands }) => commands.length > 0);
  const all = groups.flatMap(({ commands }) => commands);
  const at = Math.min(chosen, Math.max(0, all.length - 1));
  const optionId = (index: number) => `${id}-option-${index}`;

  useEffect(() => {
    list.current?.querySelector('[aria-selected=true]')?.scrollIntoView({ block: 'nearest' });
  }, [at, search]);

  const run = (command: Command | undefined) => {
    if (!command) return;
    // Another dialog takes this one's place, and what had the focus before gets it back in the end.
    if (command.opens) return onOpen(command.opens);
    // At once: what the command gives the focus to must not be behind a dialog any more.
    flushSync(onClose);
    command.run?.();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (isComposing(event)) return;
    const moves: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + 6, PageUp: at - 6 };
    const wanted = moves[event.key];
    if (event.key === 'Enter') run(all[at]);
    else if (wanted !== undefined && all.length > 0) setChosen(Math.abs(wanted - at) > 1 ? Math.min(Math.max(wanted, 0), all.length - 1) : (wanted + all.length) % all.length);
    else return;
    event.preventDefault();
  };

  return (
    <Dialog title="What would you like to do?" onClose={onClose}>
      <label className="flex min-h-11 items-center gap-2 rounded-xl bg-sunken pl-3 text-quiet focus-within:outline-2 focus-within:outline-accent">
        <SearchIcon className="size-4 shrink-0" />
        <input
          autoFocus
          type="text"
          role="combobox"
          dir="auto"
          aria-label="Find an action or a conversation"
          aria-expanded={all.length > 0}
          aria-controls={`${id}-list`}
          aria-autocomplete="list"
          aria-activedescendant={all.length > 0 ? optionId(at) : undefined}
          autoComplete="off"
          spellCheck={false}
          placeholder="Find an action or a conversation"
          value={search}
          onChange={(event) => (setSearch(event.target.value), setChosen(0))}
          onKeyDown={onKeyDown}
          className="w-full min-w-0 bg-transparent pr-3 text-ink outline-none"
        />
      </label>
      <p role="status" className={all.length === 0 ? 'py-8 text-center text-quiet' : 'sr-only'}>
        {all.length === 0 ? 'Nothing is called that.' : `${all.length} found`}
      </p>
      <div ref={list} id={`${id}-list`} role="listbox" aria-label="Actions and conversations" className="-mx-2 mt-2 sm:h-96 sm:overflow-y-auto">
        {groups.map(({ name, commands }) => (
          <div key={name} role="group" aria-label={name}>
            <p role="presentation" className="px-3 pt-2 pb-1 text-small text-quiet">
              {name}
            </p>
            {commands.map((command) => {
              const index = all.indexOf(command);
              return (
                <div
                  key={command.id}
                  id={optionId(index)}
                  role="option"
                  aria-selected={index === at}
                  onPointerMove={() => setChosen(index)}
                  onClick={() => run(command)}
                  className={`flex min-h-10 touch:min-h-11 cursor-pointer items-center justify-between gap-4 rounded-xl px-3 ${index === at ? 'bg-accent-soft' : ''}`}
                >
                  <span dir="auto" className="min-w-0 truncate">
                    {command.label}
                  </span>
                  {command.keys && <span className="shrink-0 text-small text-quiet">{command.keys}</span>}
                </div>
              );
            })}
          </div>
        ))}
      </div>
    </Dialog>
  );
}

function useActions({ onNewChat, onFocus }: CommandPaletteProps): Command[] {
  const here = route.get();
  const { title } = useChatContext().controller(here.conversation, here.isNew).view.get();
  const thisOne: Command = { id: 'conversation', label: 'Rename, export or delete this conversation', opens: { kind: 'conversation', id: here.conversation, title: title ?? '' } };
  return [
    { id: 'new-chat', label: 'Start a new chat', keys: SHORTCUTS.newChat.keys, run: onNewChat },
    { id: 'message', label: 'Write a message', keys: SHORTCUTS.message.keys, run: () => onFocus('message') },
    { id: 'add-task', label: 'Add a task', keys: SHORTCUTS.addTask.keys, run: () => onFocus('addTask') },
    { id: 'search-tasks', label: 'Search your list', keys: SHORTCUTS.searchTasks.keys, run: () => onFocus('searchTasks') },
    { id: 'conversations', label: 'Show all conversations', opens: { kind: 'conversations' } },
    ...(title ? [thisOne] : []),
    { id: 'activity', label: 'Activity: what was changed, and undo', opens: { kind: 'activity' } },
    { id: 'account', label: 'Account and settings', opens: { kind: 'account' } },
    { id: 'programs', label: 'Programs and devices: tokens, and where you are signed in', opens: { kind: 'programs' } },
    { id: 'light', label: 'Appearance: light', run: () => setTheme('light') },
    { id: 'dark', label: 'Appearance: dark', run: () => setTheme('dark') },
    { id: 'system', label: 'Appearance: as the system', run: () => setTheme('system') },
    { id: 'shortcuts', label: 'Keyboard shortcuts', keys: SHORTCUTS.help.keys, opens: { kind: 'shortcuts' } },
  ];
}

/** The conversations in which the text occurs; the newest while nothing is typed. Without a line there are none. */
function useFound(search: string): ConversationSummary[] {
  const { conversationApi } = useConversationContext();
  const [found, setFound] = useState<{ search: string; items: ConversationSummary[] }>({ search: '', items: [] });
  useEffect(() => {
    let current = true;
    const take = (items: ConversationSummary[]) => current && setFound({ search, items: items.slice(0, MAX_CONVERSATIONS) });
    const ask = () => conversationApi.list(search.trim(), 0).then(({ conversations }) => take(conversations), () => take([]));
    const timer = setTimeout(() => void ask(), search ? TYPING_MS : 0);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [search, conversationApi]);
  // Until the answer is there, of the last one only what surely fits: Enter must not open another.
  return found.search === search ? found.items : found.items.filter(({ title }) => fits(title ?? '', search));
}

/** Whether every word that was typed begins or is part of the label. */
function fits(label: string, search: string): boolean {
  const plain = label.toLocaleLowerCase();
  return search.toLocaleLowerCase().split(/\s+/).every((word) => plain.includes(word));
}
