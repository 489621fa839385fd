import { requiredContext } from '../requiredContext';
import type { Approvals } from './approvals';
import type { ChatController } from './chatController';
import type { Drafts } from './drafts';

/** What components read of what the person says, and is asked. */
export interface ChatContextValue {
  approvals: Approvals;
  drafts: Drafts;
  /** The conversation with this id; it keeps running when another one is looked at. */
  controller(id: string, isNew: boolean): ChatController;
}

export const [ChatContext, useChatContext] = requiredContext<ChatContextValue>('ChatContext');
