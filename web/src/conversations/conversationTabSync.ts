/** What one tab tells the others about a conversation. */
export type ConversationNews =
  /** Something was said, or it has another title. */
  | { changed: string }
  /** It was deleted. */
  | { gone: string };

export interface ConversationLine {
  tell(news: ConversationNews): void;
  close(): void;
}

/** The line between the tabs of one person; `onNews` hears the other tabs only. */
export function openConversationLine(userId: string, onNews: (news: ConversationNews) => void): ConversationLine {
  if (typeof BroadcastChannel === 'undefined') return { tell: () => {}, close: () => {} };
  const channel = new BroadcastChannel(`todo-chat.conversations.${userId}`);
  channel.onmessage = (event: MessageEvent<ConversationNews>) => onNews(event.data);
  return { tell: (news) => channel.postMessage(news), close: () => channel.close() };
}
