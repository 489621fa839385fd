import { approvalApi } from '../api/approvalApi';
import { changeApi } from '../api/changeApi';
import { conversationApi, PAGE } from '../api/conversationApi';
import { sentence } from '../api/apiErrors';
import { taskApi } from '../api/taskApi';
import type { Task, User } from '../api/types';
import { Approvals, isAsking } from '../chat/approvals';
import { ChatTransport } from '../chat/chatTransport';
import { Drafts } from '../chat/drafts';
import { ChatController } from '../chat/chatController';
import type { ChatContextValue } from '../chat/chatContext';
import { undoPlaces } from '../chat/undoableCall';
import { openConversationTabChannel, type ConversationTabChannel, type ConversationTabMessage } from '../conversations/conversationTabSync';
import { ConversationStore } from '../conversations/conversationStore';
import type { ConversationContextValue } from '../conversations/conversationContext';
import type { Session } from '../session/session';
import type { SessionContextValue } from '../session/sessionContext';
import { memory } from '../storage';
import { createStore } from '../store';
import { onClock } from '../tasks/dueDates';
import { CachedTaskList } from '../tasks/cachedTaskList';
import { NewTaskDraft } from '../tasks/newTaskDraft';
import { Outbox } from '../tasks/outbox';
import type { TaskContextValue } from '../tasks/taskContext';
import { TaskDraftStore } from '../tasks/taskDraftStore';
import { TaskStore } from '../tasks/taskStore';
import { syncTabs } from '../tasks/taskTabSync';
import { Undo, undoneInWords } from '../tasks/serverUndo';
import { openClock } from '../page/clock';
import { announce } from '../page/announce';
import { setConversationRoute, route } from '../page/route';
import { pollForChanges } from '../page/pollForChanges';
import { toast } from '../page/toasts';

/** Everything one signed-in person works with, by the context in which components find it. */
export interface Workspace {
  session: SessionContextValue;
  tasks: TaskContextValue;
  chat: ChatContextValue;
  conversations: ConversationContextValue;
  /** Loads the list and listens to the other tabs; returns how to stop. */
  connect(): () => void;
}

/** How long a changed task is highlighted. */
const HIGHLIGHT_MS = 2_500;
/** The list is kept on the device at most this often. */
const KEEP_LIST_MS = 1_000;
/** Where the text of the field that adds a task is kept, beside the drafts of the conversations. */
const NEW_TASK_PLACE = 'add-task';

export function createWorkspace(session: Session, user: User): Workspace {
  const cachedList = new CachedTaskList(memory, user.id);
  const tasks = new TaskStore(taskApi(session, user.id), new Outbox(memory, user.id), cachedList.read());
  const chats = conversationApi(session, user.id);
  const conversations = new ConversationStore(chats);
  const drafts = new Drafts(memory, user.id);
  const clock = openClock(() => onClock(new Date()));
  const taskDrafts = new TaskDraftStore(memory, user.id);
  const highlighted = createStore<ReadonlySet<number>>(new Set());
  const controllers = new Map<string, ChatController>();
  const befores = new Map<string, Task>();
  let channel: ConversationTabChannel | null = null;

  const highlight = (ids: number[]) => {
    if (ids.length === 0) return;
    highlighted.set(new Set([...highlighted.get(), ...ids]));
    setTimeout(() => highlighted.set(new Set([...highlighted.get()].filter((id) => !ids.includes(id)))), HIGHLIGHT_MS);
  };

  const changes = changeApi(session, user.id);
  const undo = new Undo({
    api: changes,
    before: () => tasks.settle(),
    apply: (undone) => {
      tasks.applyUndone(undone);
      highlight(undone.tasks.map(({ id }) => id));
    },
    onUndone: (undone, redoing, redo) => toast(undoneInWords(undone, redoing), redo ? { action: { label: 'Redo', run: redo } } : {}),
    onError: (error) => {
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
      channel?.post({ changed: asked });
    },
  });

  const listAgain = () => void (conversations.view.get().phase !== 'idle' && conversations.load());

  const onTabMessage = (message: ConversationTabMessage) => {
    listAgain();
    if ('deleted' in message) controllers.get(message.deleted)?.view.patch({ phase: 'missing' });
    else void controllers.get(message.changed)?.refresh().catch(() => {});
  };

  const create = (id: string, isNew: boolean): ChatController => {
    const transport = new ChatTransport(session, user.id, {
      started: () => {
        drafts.keepSent(id, null);
        channel?.post({ changed: id });
      },
      toolDone: (tool, output, callId) => {
        const before = tasks.beforeTool(output);
        if (before) befores.set(callId, before);
        highlight(tasks.applyTool(tool, output).map((task) => task.id));
      },
      conversation: ({ title }) => controller.view.patch({ title }),
      effects: (about) => controller.applyEffects(about),
      approval: (asked) => {
        approvals.record(asked);
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
        const { problem } = controller.view.get();
        if (!problem && isAsking(controller.chat.messages.slice(0, -1), approvals.known.get())) void controller.load();
        channel?.post({ changed: id });
      },
      renamed: () => {
        listAgain();
        channel?.post({ changed: id });
      },
      replaced: (answers) => undo.forget(answers.flatMap(undoPlaces)),
    });
    return controller;
  };

  return {
    session: { user, session },
    tasks: {
      tasks,
      clock,
      taskDrafts,
      newTaskDraft: new NewTaskDraft({
        read: () => drafts.draft(NEW_TASK_PLACE),
        keep: (text) => drafts.keepDraft(NEW_TASK_PLACE, text),
      }),
      highlighted,
      before: (callId) => befores.get(callId),
      changes,
      undo,
    },
    chat: {
      approvals,
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
    },
    conversations: {
      conversations,
      conversationApi: chats,
      retitle(id, title) {
        controllers.get(id)?.view.patch({ title });
        channel?.post({ changed: id });
      },
      drop(id) {
        controllers.delete(id);
        channel?.post({ deleted: id });
      },
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
      channel = openConversationTabChannel(user.id, onTabMessage);
      const refresh = () => Promise.all([tasks.load('quietly'), controllers.get(route.get().conversation)?.refresh().catch(() => {}), approvals.load().catch(() => {})]);
      const stops = [clock.run(), syncTabs(tasks, user.id), pollForChanges(refresh), channel.close, tasks.view.subscribe(() => (keeping ??= setTimeout(keepList, KEEP_LIST_MS)))];
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
