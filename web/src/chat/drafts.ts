import { readJson, type BrowserStorage } from '../storage';
import type { ReplacedEffects } from './message';

/** A message on its way: kept until the server has begun to answer it. */
export interface UnansweredMessage {
  key: string;
  text: string;
  model?: string | null;
  /** The newest message before it. */
  after?: string | undefined;
}

/** Other words for a message that was sent before. */
export interface EditedMessage {
  id: string;
  text: string;
  /** What becomes of what its answer did, if that did something. */
  replaced?: ReplacedEffects | undefined;
}

/** What was typed and not yet answered, per person and conversation, so that no reload or expiry loses it. */
export class Drafts {
  private forgotten = false;

  constructor(
    private readonly memory: BrowserStorage,
    private readonly userId: string,
  ) {}

  draft(place: string): string {
    return this.memory.read(this.key('draft', place)) ?? '';
  }

  keepDraft(place: string, text: string): void {
    if (text && !this.forgotten) this.memory.write(this.key('draft', place), text);
    else this.memory.remove(this.key('draft', place));
  }

  sent(conversation: string): UnansweredMessage | null {
    return readJson<UnansweredMessage>(this.memory, this.key('sent', conversation));
  }

  keepSent(conversation: string, sent: UnansweredMessage | null): void {
    if (sent && !this.forgotten) this.memory.write(this.key('sent', conversation), JSON.stringify(sent));
    else this.memory.remove(this.key('sent', conversation));
  }

  edit(conversation: string): EditedMessage | null {
    return readJson<EditedMessage>(this.memory, this.key('draft', `edit-${conversation}`));
  }

  keepEdit(conversation: string, edit: EditedMessage | null): void {
    this.keepDraft(`edit-${conversation}`, edit ? JSON.stringify(edit) : '');
  }

  /** Forgets everything of this person, when they sign out on purpose, and keeps nothing more: an answer may still fail. */
  clear(): void {
    this.forgotten = true;
    const ours = ['draft', 'sent', 'outbox', 'list'].map((kind) => `todo-chat.${kind}.${this.userId}.`);
    for (const key of this.memory.keys()) if (ours.some((prefix) => key.startsWith(prefix))) this.memory.remove(key);
  }

  private key(kind: string, place: string): string {
    return `todo-chat.${kind}.${this.userId}.${place}`;
  }
}
