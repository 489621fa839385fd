import { expect, test } from 'vitest';
import { openConversationTabChannel, type ConversationTabMessage } from '../src/conversations/conversationTabSync';

test('what ends after its person has signed out is posted nowhere, and harms nothing', async () => {
  const heard: ConversationTabMessage[] = [];
  const other = openConversationTabChannel('user-1', (message) => heard.push(message));
  const channel = openConversationTabChannel('user-1', () => {});
  channel.post({ changed: 'a' });
  await expect.poll(() => heard).toEqual([{ changed: 'a' }]);
  channel.close();
  channel.post({ changed: 'b' });
  other.close();
  expect(heard).toEqual([{ changed: 'a' }]);
});
