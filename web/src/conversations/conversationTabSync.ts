/** What one tab posts to the others about a conversation. */
export type ConversationTabMessage =
  /** It has other messages, or another title. */
  | { changed: string }
  | { deleted: string };

export interface ConversationTabChannel {
  post(message: ConversationTabMessage): void;
  close(): void;
}

/** The channel between the tabs of one person; `onMessage` is called with what the other tabs post. */
export function openConversationTabChannel(userId: string, onMessage: (message: ConversationTabMessage) => void): ConversationTabChannel {
  if (typeof BroadcastChannel === 'undefined') return { post: () => {}, close: () => {} };
  const channel = new BroadcastChannel(`todo-chat.conversations.${userId}`);
  channel.onmessage = (event: MessageEvent<ConversationTabMessage>) => onMessage(event.data);
  let isOpen = true;
  return {
    // A title, or the end of an answer, may come after its person has signed out.
    post: (message) => {
      if (isOpen) channel.postMessage(message);
    },
    close: () => {
      isOpen = false;
      channel.close();
    },
  };
}
