import type { ConversationApi } from '../api/conversationApi';
import type { ChatTransport } from './chatTransport';
import type { Drafts } from './drafts';
import type { ChatMessage } from './message';

/** What a conversation needs of the page around it, and tells it. */
export interface ChatDependencies {
  api: ConversationApi;
  transport: ChatTransport;
  drafts: Drafts;
  pageSize: number;
  /** The conversation has its first message, so it has a place of its own. */
  placed(): void;
  /** Runs before a message goes out. */
  beforeSending(): Promise<void>;
  /** A turn has ended, well or not. */
  afterTurn(): void;
  /** The server gave the conversation another title. */
  renamed(): void;
  /** Others have taken the place of these answers, under their ids; of each, those calls that are not there any more. */
  replaced(answers: ChatMessage[]): void;
}
