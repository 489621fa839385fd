import type { ConversationApi } from '../api/conversationApi';
import { requiredContext } from '../requiredContext';
import type { ConversationStore } from './conversationStore';

/** What components read of the list of conversations. */
export interface ConversationContextValue {
  conversations: ConversationStore;
  conversationApi: ConversationApi;
  /** The conversation has a new title. */
  retitle(id: string, title: string): void;
  /** Forgets a conversation that was deleted. */
  drop(id: string): void;
}

export const [ConversationContext, useConversationContext] = requiredContext<ConversationContextValue>('ConversationContext');
