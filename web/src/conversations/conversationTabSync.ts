/** What one tab tells the others about a conversation. */
export type ConversationTabMessage =
  /** Something was said, or it has another title. */
  | { changed: string }
  /** It was deleted. */
  | { gone: string };

export interface ConversationTabChannel {
  tell(news: ConversationTabMessage): void;
  close(): void;
}

/** The line between the tabs of one person; `onNews` hears the other tabs only. */
export function openConversationTabChannel(userId: string, onNews: (news: ConversationTabMessage) => void): ConversationTabChannel {
  if (typeof BroadcastChannel === 'undefined') return { tell: () => {}, close: () => {} };
  const channel = new BroadcastChannel(`todo-chat.conversations.${userId}`);
  channel.onmessage = (event: MessageEvent<ConversationTabMessage>) => onNews(event.data);
  return { tell: (news) => channel.postMessage(news), close: () => channel.close() };
}
