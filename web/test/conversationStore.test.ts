import { expect, test } from 'vitest';
import type { ConversationApi } from '../src/api/conversationApi';
import type { ConversationPage, ConversationSummary } from '../src/api/types';
import { ConversationStore } from '../src/conversations/conversationStore';

const item = (id: string): ConversationSummary => ({ id, title: id, created_at: '', updated_at: '', message_count: 2 });

test('a page of an old search is not put under the new one', async () => {
  let answerOld: (page: ConversationPage) => void = () => {};
  const list = (search: string, offset: number): Promise<ConversationPage> => {
    if (offset > 0) return new Promise((resolve) => (answerOld = resolve));
    return Promise.resolve({ conversations: [item(search || 'all')], total: 2, limit: 20, offset });
  };
  const store = new ConversationStore({ list } as unknown as ConversationApi);
  await store.load('');
  const more = store.loadMore();
  await store.load('milk');
  answerOld({ conversations: [item('old')], total: 2, limit: 20, offset: 1 });
  await more;
  expect(store.view.get().items.map(({ id }) => id)).toEqual(['milk']);
});
