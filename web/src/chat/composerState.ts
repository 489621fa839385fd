import { createStore, type Store } from '../store';
import type { ChatController } from './chatController';
import type { Drafts, EditedMessage } from './drafts';
import { newestQuestion, textOf, type ChatMessage, type ReplacedEffects } from './message';

interface FieldView {
  draft: string;
  /** While a message is edited its words stand in the field; the draft comes back afterwards. */
  editing: EditedMessage | null;
}

/**
 * What stands in the field below a conversation: a new message, or other words for the last one. Either is kept on the
 * device until the conversation has it, and nothing that comes into the field replaces what was typed there.
 */
export class ComposerState {
  readonly view: Store<FieldView>;
  /** An edit was sent from here, and the conversation does not have it yet. */
  private isSent = false;
  /** Once somebody types, or edits, an edit of before a reload does not come between. */
  private untouched = true;
  /** It was on the screen and is not any more: its words are the draft of whichever field shows them now. */
  private isGone = false;

  constructor(
    private readonly drafts: Drafts,
    private readonly controller: Pick<ChatController, 'id' | 'chat' | 'view' | 'send' | 'sendUnsent' | 'edit'>,
    private place: string,
  ) {
    this.view = createStore<FieldView>({ draft: drafts.draft(place), editing: null });
  }

  /** The field is on the screen, until what this returns is called. */
  show(): () => void {
    this.isGone = false;
    return () => void (this.isGone = true);
  }

  type(text: string): void {
    const { editing } = this.view.get();
    this.untouched = false;
    if (editing) this.keepEdit({ ...editing, text });
    else this.keepDraft(text);
  }

  /** A new conversation has got a place of its own: what is typed goes with it. */
  moveTo(place: string): void {
    const { draft } = this.view.get();
    if (place !== this.place && draft) {
      this.drafts.keepDraft(this.place, '');
      this.drafts.keepDraft(place, draft);
    }
    this.place = place;
  }

  /** The words of a message go into the field, or those that were typed for it before. */
  edit(message: ChatMessage, replaced: ReplacedEffects | undefined): void {
    const kept = this.drafts.edit(this.controller.id);
    this.untouched = false;
    this.view.patch({ editing: { id: message.id, text: kept?.id === message.id ? kept.text : textOf(message), replaced } });
  }

  chooseReplaced(replaced: ReplacedEffects): void {
    const { editing } = this.view.get();
    if (editing) this.keepEdit({ ...editing, replaced });
  }

  /** Leaves the message as it was. */
  stopEditing(): void {
    this.keepEdit(null);
  }

  async send(): Promise<void> {
    const { draft, editing } = this.view.get();
    if (!editing) {
      // Until the message above them has gone, the words stay in the field; who types on sends them by themselves.
      if (!(await this.controller.sendUnsent()) || this.isGone || this.view.get().draft !== draft) return;
      this.keepDraft('');
      return this.controller.send(draft.trim());
    }
    this.isSent = true;
    this.drafts.keepEdit(this.controller.id, editing);
    this.view.patch({ editing: null });
    await this.controller.edit(editing.id, editing.text.trim(), editing.replaced);
  }

  /** Words that could not be sent come back. */
  takeBack(words: string): void {
    const kept = this.drafts.edit(this.controller.id);
    if (kept?.text.trim() === words) this.comeBack(kept);
    else this.keepDraft(above(words, this.view.get().draft));
  }

  /** When nothing runs: an edit that is answered is forgotten, and one that is not, or of before a reload, comes back. */
  settle(): void {
    const { phase, busy, problem } = this.controller.view.get();
    if (phase !== 'ready' || busy || problem) return;
    const { draft, editing } = this.view.get();
    const mayComeBack = this.untouched || (this.isSent && !draft && !editing);
    this.untouched = false;
    const kept = this.drafts.edit(this.controller.id);
    if (!kept) return;
    const { messages } = this.controller.chat;
    const message = messages.find(({ id }) => id === kept.id);
    if (!message || textOf(message).trim() !== kept.text.trim()) return mayComeBack ? this.comeBack(kept) : undefined;
    // Without an answer these words may be nowhere else.
    if (message === messages.at(-1)) return;
    this.isSent = false;
    this.drafts.keepEdit(this.controller.id, null);
  }

  /** The words of an edit are in the field again; of a message that is not the last one any more, as a new one. */
  private comeBack(edit: EditedMessage): void {
    this.isSent = false;
    if (newestQuestion(this.controller.chat.messages)?.id === edit.id) return this.view.patch({ editing: edit });
    this.drafts.keepEdit(this.controller.id, null);
    this.keepDraft(above(edit.text, this.view.get().draft));
  }

  private keepDraft(draft: string): void {
    this.view.patch({ draft });
    this.drafts.keepDraft(this.place, draft);
  }

  private keepEdit(editing: EditedMessage | null): void {
    this.view.patch({ editing });
    this.drafts.keepEdit(this.controller.id, editing);
  }
}

/** Words above what stands there, on lines of their own. */
const above = (words: string, draft: string) => [words, draft].filter(Boolean).join('\n');
