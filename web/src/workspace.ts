import { createContext, useContext } from 'react';
import { approvalApi } from './api/approvalApi';
import { changeApi, type ChangeApi } from './api/changeApi';
import { conversationApi, PAGE, type ConversationApi } from './api/conversationApi';
import { sentence } from './api/problem';
import { taskApi } from './api/taskApi';
import type { Task, User } from './api/types';
import { Approvals, isAsking } from './chat/approvals';
import { ChatTransport } from './chat/chatTransport';
import { Drafts } from './chat/drafts';
import { ChatController } from './chat/chatController';
import { openConversationTabChannel, type ConversationTabChannel, type ConversationTabMessage } from './conversations/conversationTabSync';
import { ConversationStore } from './conversations/conversationStore';
import type { Session } from './session/session';
import { memory } from './storage';
import { createStore, type Store } from './store';
import { onClock } from './tasks/dueDates';
import { CachedTaskList } from './tasks/cachedTaskList';
import { Outbox } from './tasks/outbox';
import { TaskDrafts } from './tasks/taskDrafts';
import { TaskStore } from './tasks/taskStore';
import { syncTabs } from './tasks/taskTabSync';
import { Undo, undoneInWords } from './tasks/serverUndo';
import { openClock, type Clock } from './page/clock';
import { announce } from './page/announce';
import { setConversationRoute, route } from './page/route';
import { pollForChanges } from './page/pollForChanges';
import { toast } from './page/toasts';

/** Everything one signed-in person works with. */
export interface Workspace {
  user: User;
  session: Session;
  tasks: TaskStore;
  /** What time it is where the person is. */
  clock: Clock;
  taskDrafts: TaskDrafts;
  /** Tasks the assistant has just changed, to be lit up for a moment. */
  lit: Store<ReadonlySet<number>>;
  /** The task that a tool call changed, as it was, where this page saw it change. */
  before(callId: string): Task | undefined;
  changes: ChangeApi;
  undo: Undo;
  approvals: Approvals;
  conversations: ConversationStore;
  conversationApi: ConversationApi;
  drafts: Drafts;
  /** The conversation with this id; it keeps running when another one is looked at. */
  controller(id: string, isNew: boolean): ChatController;
  /** The conversation has a new title. */
  retitle(id: string, title: string): void;
  /** Forgets a conversation that was deleted. */
  drop(id: string): void;
  /** Loads the list and listens to the other tabs; returns how to stop. */
  connect(): () => void;
}

const LIT_MS = 2_500;
/** The list is kept on the device at most this often. */
const KEEP_LIST_MS = 1_000;

export function openWorkspace(session: Session, user: User): Workspace {
  const cachedList = new CachedTaskList(memory, user.id);
  const tasks = new TaskStore(taskApi(session, user.id), new Outbox(memory, user.id), cachedList.read());
  const chats = conversationApi(session, user.id);
  const conversations = new ConversationStore(chats);
  const drafts = new Drafts(memory, user.id);
  const clock = openClock(() => onClock(new Date()));
  const taskDrafts = new TaskDrafts(memory, user.id);
  const lit = createStore<ReadonlySet<number>>(new Set());
  const controllers = new Map<string, ChatController>();
  const befores = new Map<string, Task>();
  let line: ConversationTabChannel | null = null;

  const light = (ids: number[]) => {
    if (ids.length === 0) return;
    lit.set(new Set([...lit.get(), ...ids]));
    setTimeout(() => lit.set(new Set([...lit.get()].filter((id) => !ids.includes(id)))), LIT_MS);
  };

  const changes = changeApi(session, user.id);
  const undo = new Undo({
    api: changes,
    before: () => tasks.settle(),
    apply: (undone) => {
      tasks.applyUndone(undone);
      light(undone.tasks.map(({ id }) => id));
    },
    tell: (undone, redoing, redo) => toast(undoneInWords(undone, redoing), redo ? { action: { label: 'Redo', run: redo } } : {}),
    refuse: (error) => {
      toast(sentence(error), { tone: 'problem' });
      // What stands in the way may not be on the screen yet.
      void tasks.load('quietly');
    },
  });

  const approvals = new Approvals({
    api: approvalApi(session, user.id),
    decided: ({ conversation_id: id, turn_id }) => {
      void tasks.load('quietly');
      // What came of the call stands in its message.
      const [asked] = [...controllers].find(([key, controller]) => key === id || controller.chat.messages.some((message) => message.id === turn_id)) ?? [];
      if (!asked) return;
      void controllers.get(asked)?.load();
      line?.tell({ changed: asked });
    },
  });

  const listAgain = () => void (conversations.view.get().phase !== 'idle' && conversations.load());

  const hear = (news: ConversationTabMessage) => {
    listAgain();
    if ('gone' in news) controllers.get(news.gone)?.view.patch({ phase: 'missing' });
    else void controllers.get(news.changed)?.refresh().catch(() => {});
  };

  const create = (id: string, isNew: boolean): ChatController => {
    const transport = new ChatTransport(session, user.id, {
      started: () => {
        drafts.keepSent(id, null);
        line?.tell({ changed: id });
      },
      toolDone: (tool, output, callId) => {
        const before = tasks.beforeTool(output);
        if (before) befores.set(callId, before);
        light(tasks.applyTool(tool, output).map((task) => task.id));
      },
      conversation: ({ title }) => controller.view.patch({ title }),
      effects: (about) => controller.effected(about),
      approval: (asked) => {
        approvals.hear(asked);
        if (asked.state === 'waiting') announce(`The assistant asks: ${asked.sentence} Answer with Yes or No below.`);
      },
      finished: (reason) => controller.finished(reason),
    });
    const controller = new ChatController(id, isNew, {
      api: chats,
      transport,
      drafts,
      pageSize: PAGE,
      placed: () => setConversationRoute(id),
      beforeSending: () => tasks.settle(),
      afterTurn: () => {
        listAgain();
        // Tools tell less of a task than the list does.
        void tasks.load('quietly');
        // A plain yes may have answered what an earlier answer asked: that stands in its message.
        if (isAsking(controller.chat.messages.slice(0, -1), approvals.heard.get())) void controller.load();
        line?.tell({ changed: id });
      },
      renamed: () => {
        listAgain();
        line?.tell({ changed: id });
      },
    });
    return controller;
  };

  return {
    user,
    session,
    tasks,
    clock,
    taskDrafts,
    lit,
    changes,
    undo,
    approvals,
    before: (callId) => befores.get(callId),
    conversations,
    conversationApi: chats,
    drafts,
    controller(id, isNew) {
      let controller = controllers.get(id);
      if (!controller) {
        controller = create(id, isNew);
        controllers.set(id, controller);
        if (!isNew) void controller.load();
      }
      return controller;
    },
    retitle(id, title) {
      controllers.get(id)?.view.patch({ title });
      line?.tell({ changed: id });
    },
    drop(id) {
      controllers.delete(id);
      line?.tell({ gone: id });
    },
    connect() {
      let keeping: ReturnType<typeof setTimeout> | undefined;
      const keepList = () => {
        clearTimeout(keeping);
        keeping = undefined;
        // Whoever has signed out leaves nothing here.
        if (session.state.get().kind !== 'signed-out' && tasks.view.get().phase === 'ready') cachedList.keep(tasks.confirmedTasks());
      };
      const leave = () => {
        tasks.leave();
        keepList();
      };
      window.addEventListener('pagehide', leave);
      line = openConversationTabChannel(user.id, hear);
      const refresh = () => Promise.all([tasks.load('quietly'), controllers.get(route.get().conversation)?.refresh().catch(() => {}), approvals.load().catch(() => {})]);
      const stops = [clock.run(), syncTabs(tasks, user.id), pollForChanges(refresh), line.close, tasks.view.subscribe(() => (keeping ??= setTimeout(keepList, KEEP_LIST_MS)))];
      void tasks.load('quietly');
      void approvals.load().catch(() => {});
      return () => {
        clearTimeout(keeping);
        window.removeEventListener('pagehide', leave);
        for (const stop of stops) stop();
      };
    },
  };
}

export const WorkspaceContext = createContext<Workspace | null>(null);

export function useWorkspace(): Workspace {
  const workspace = useContext(WorkspaceContext);
  if (!workspace) throw new Error('useWorkspace needs a WorkspaceContext');
  return workspace;
}
