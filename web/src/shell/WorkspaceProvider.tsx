import type { ReactNode } from 'react';
import { ChatContext } from '../chat/chatContext';
import { ConversationContext } from '../conversations/conversationContext';
import { SessionContext } from '../session/sessionContext';
import { TaskContext } from '../tasks/taskContext';
import type { Workspace } from './createWorkspace';

/** Gives a workspace to the components below. */
export function WorkspaceProvider({ workspace, children }: { workspace: Workspace; children: ReactNode }) {
  return (
    <SessionContext value={workspace.session}>
      <TaskContext value={workspace.tasks}>
        <ChatContext value={workspace.chat}>
          <ConversationContext value={workspace.conversations}>{children}</ConversationContext>
        </ChatContext>
      </TaskContext>
    </SessionContext>
  );
}
