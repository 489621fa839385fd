import type { ReactNode } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { expect, test, vi } from 'vitest';
import { ChatContext, type ChatContextValue } from '../src/chat/chatContext';
import { ConversationContext, type ConversationContextValue } from '../src/conversations/conversationContext';
import { SessionContext } from '../src/session/sessionContext';
import { Session } from '../src/session/session';
import { inMemoryStorage } from '../src/storage';
import { TaskContext, type TaskContextValue } from '../src/tasks/taskContext';
import { user } from './fakes';

vi.mock('../src/ui/Dialog', () => ({
  Dialog: ({ title, children }: { title: string; children: ReactNode }) => <dialog aria-label={title}>{children}</dialog>,
}));
vi.mock('../src/session/useServerInfo', () => ({ useServerInfo: () => null }));

/** The names of the dialogs that are on the screen, the one on top last. */
async function shown(expired: boolean): Promise<string[]> {
  vi.stubGlobal('location', { hash: '', pathname: '/', search: '' });
  const { Overlays } = await import('../src/shell/Overlays');
  const nothing = () => {};
  const tasks = { tasks: { unconfirmed: () => 0 } } as unknown as TaskContextValue;
  const markup = renderToStaticMarkup(
    <SessionContext value={{ user, session: new Session(inMemoryStorage()) }}>
      <TaskContext value={tasks}>
        <ChatContext value={{ drafts: {} } as ChatContextValue}>
          <ConversationContext value={{} as ConversationContextValue}>
            <Overlays overlay={{ kind: 'conversation', id: 'c', title: 'Shopping' }} expired={expired} onOpen={nothing} onNewChat={nothing} onFocus={nothing} />
          </ConversationContext>
        </ChatContext>
      </TaskContext>
    </SessionContext>,
  );
  return [...markup.matchAll(/<dialog aria-label="([^"]*)"/g)].map((match) => match[1]!);
}

test('a session that ends asks for the password above what is open, so that nothing typed there is lost', async () => {
  const open = await shown(false);
  expect(open).toHaveLength(1);
  expect(await shown(true)).toEqual([...open, 'Please sign in again']);
});
