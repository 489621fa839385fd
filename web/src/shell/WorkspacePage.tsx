import { lazy, Suspense, useEffect, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import { useEmailConfirmation } from '../account/useEmailConfirmation';
import { info as readInfo } from '../api/account';
import type { Info, User } from '../api/types';
import { ChatPane } from '../chat/ChatPane';
import { loadMarkdown } from '../chat/LazyMarkdown';
import type { ChatController } from '../chat/chatController';
import { useDeferredChat } from '../chat/useDeferredComponents';
import { ApprovalsElsewhere } from '../chat/ApprovalsElsewhere';
import type { Session } from '../session/session';
import { useStore } from '../store';
import { TaskPanel } from '../tasks/TaskPanel';
import { useDeferredTasks } from '../tasks/useDeferredComponents';
import { Banners } from '../page/Banners';
import { ErrorBoundary } from '../page/ErrorBoundary';
import { PhoneTabs, type Pane } from './PhoneTabs';
import { leaveMissing, openNewChat, route as routeStore } from '../page/route';
import { useShortcuts } from '../page/shortcuts';
import { toast, toasts, undoNewest } from '../page/toasts';
import { overlay as overlayStore } from '../page/overlay';
import { TopBar } from './TopBar';
import { createWorkspace } from './createWorkspace';
import { loadDeferredFrame, useDeferredFrame } from './useDeferredComponents';
import { WorkspaceProvider } from './WorkspaceProvider';

const Overlays = lazy(() => loadDeferredFrame().then(({ Overlays }) => ({ default: Overlays })));

/** The page of a signed-in person: talk on the left, the list on the right; on a phone one at a time. */
export default function WorkspacePage({ session, user }: { session: Session; user: User }) {
  const [workspace] = useState(() => createWorkspace(session, user));
  const [pane, setPane] = useState<Pane>('chat');
  const overlay = useStore(overlayStore);
  const setOverlay = overlayStore.set;
  const [info, setInfo] = useState<Info | null>(null);
  const [soon, setSoon] = useState(false);
  const blocked = useStore(workspace.tasks.undo.blocked) !== null;
  const deferredFrame = useDeferredFrame(useStore(toasts).length > 0 || soon);
  const deferredChat = useDeferredChat(blocked || soon);
  const deferredTasks = useDeferredTasks(soon);
  const expired = useStore(session.state).kind === 'expired';
  const route = useStore(routeStore);
  const controller = workspace.chat.controller(route.conversation, route.isNew);
  const message = useRef<HTMLTextAreaElement>(null);
  const addTask = useRef<HTMLInputElement>(null);
  const searchTasks = useRef<HTMLInputElement>(null);

  useEffect(() => workspace.connect(), [workspace]);
  // Whoever opens a conversation wants to see it, also on a phone.
  const shown = useRef(route.conversation);
  useEffect(() => {
    if (shown.current !== route.conversation) setPane('chat');
    shown.current = route.conversation;
  }, [route.conversation]);
  useEmailConfirmation(session);
  usePageOf(controller);
  useEffect(() => {
    readInfo().then(setInfo, () => {});
    // A conversation is on its way already; what reads it comes beside it.
    if (!route.isNew) void loadMarkdown().catch(() => {});
    // What opens on a click, or reads an answer, is fetched before anybody clicks or asks.
    const timer = setTimeout(() => {
      setSoon(true);
      void loadMarkdown().catch(() => {});
    }, 1_000);
    return () => clearTimeout(timer);
  }, []);

  const goTo = (where: Pane, field: React.RefObject<HTMLElement | null>) => {
    // At once: the next key pressed belongs to the field.
    flushSync(() => setPane(where));
    field.current?.focus();
  };
  const newChat = () => {
    flushSync(() => openNewChat());
    goTo('chat', message);
  };
  const say = (text: string) => {
    setPane('chat');
    void controller.send(text);
  };
  const focus = {
    message: () => goTo('chat', message),
    addTask: () => goTo('list', addTask),
    searchTasks: () => goTo('list', searchTasks),
  };
  const shortcuts = {
    find: () => setOverlay({ kind: 'commands' }),
    newChat,
    ...focus,
    undo: undoNewest,
    help: () => setOverlay({ kind: 'shortcuts' }),
  };
  // Nothing opens above the dialog that asks for the password.
  useShortcuts(expired ? {} : shortcuts);

  return (
    <WorkspaceProvider workspace={workspace}>
      <div className="flex h-dvh flex-col">
        <Banners />
        <ApprovalsElsewhere conversation={route.conversation} />
        <TopBar controller={controller} info={info} pane={pane} onOpen={setOverlay} onNewChat={newChat} />
        <main className="flex min-h-0 flex-1">
          <div className={`${pane === 'chat' ? 'flex' : 'hidden'} min-w-0 flex-1 md:flex`}>
            <ChatPane key={controller.id} route={route} info={info} field={message} controller={controller} />
          </div>
          <div className={`${pane === 'list' ? 'flex' : 'hidden'} min-w-0 flex-1 border-line bg-surface md:flex md:max-w-80 md:border-l lg:max-w-100`}>
            <TaskPanel addField={addTask} searchField={searchTasks} onExample={say} />
          </div>
        </main>
        <PhoneTabs pane={pane} onPane={setPane} />
      </div>
      {deferredFrame && <deferredFrame.Toasts pane={pane} />}
      {deferredTasks && <deferredTasks.DueNotices />}
      {deferredChat && <deferredChat.UndoConflicts />}
      <ErrorBoundary small>
        <Suspense>{(overlay || expired) && <Overlays overlay={overlay} expired={expired} onOpen={setOverlay} onNewChat={newChat} onFocus={(place) => focus[place]()} />}</Suspense>
      </ErrorBoundary>
    </WorkspaceProvider>
  );
}

/** Gives the browser's tab the title of the conversation, and leaves one that does not exist. */
function usePageOf(controller: ChatController): void {
  const { title, phase } = useStore(controller.view);
  useEffect(() => {
    document.title = title ? `${title} · Todo chat` : 'Todo chat';
  }, [title]);
  useEffect(() => {
    if (phase !== 'missing') return;
    leaveMissing();
    toast('That conversation does not exist any more.');
  }, [phase]);
}
