/** What is shown of a conversation beside its messages. */
export interface ChatState {
  /** `missing`: the server does not know it, and nothing was typed for it. */
  phase: 'loading' | 'ready' | 'failed' | 'missing';
  title: string | null;
  /** The turn before which there are older messages to load, where there are. */
  earlier: string | null;
  /** A turn runs, or is being picked up again. */
  busy: boolean;
  /** What is waited for, when the answer does not come by itself. */
  recovering: 'connection' | 'model' | null;
  /** The model that was chosen for this conversation. */
  model: string | null;
  stopping: boolean;
  problem: Error | null;
}

/** Before anything is known of it. */
export const initialChatState = (isNew: boolean): ChatState => ({
  phase: isNew ? 'ready' : 'loading',
  title: null,
  earlier: null,
  busy: false,
  recovering: null,
  model: null,
  stopping: false,
  problem: null,
});
