import { Chat } from '@ai-sdk/react';
import type { ConversationApi } from '../api/conversationApi';
import { ApiError, ConnectionLost } from '../api/problem';
import type { Effects, Notice } from '../api/types';
import { newId } from '../newId';
import { backOff, pause } from '../pause';
import { createStore, type Store } from '../store';
import type { ChatTransport } from './chatTransport';
import type { Drafts, UnansweredMessage } from './drafts';
import { messagesOf, textOf, userMessage, type ChatMessage } from './message';
import { Interrupted, NotSent } from './sendErrors';

export interface ChatView {
  /** `missing`: the server does not know it, and nothing was typed for it. */
  phase: 'loading' | 'ready' | 'failed' | 'missing';
  title: string | null;
  /** There are older messages to load. */
  earlier: boolean;
  /** A turn runs, or is being picked up again. */
  busy: boolean;
  /** What is waited for, when the answer does not come by itself. */
  recovering: 'connection' | 'model' | null;
  /** The model that was chosen for this conversation. */
  model: string | null;
  stopping: boolean;
  problem: Error | null;
}

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
}

/** How often an answer is asked for again, and how often while a model is loaded: some three minutes. */
const ATTEMPTS = 8;
const LOADING_ATTEMPTS = 18;
const TITLE_WAITS_MS = [1_000, 2_000, 4_000, 8_000];

/** What goes with a message beside it: the same again whenever it is repeated. */
function options(key: string, model: string | null, replaced: ReplacedEffects = 'taken back') {
  const stays = replaced === 'stays' && { undo_replaced: false };
  return { headers: { 'Idempotency-Key': key }, body: { ...(model && { model }), ...stays } };
}

/** What becomes of what an answer did that another one replaces; what was changed since always stays. */
export type ReplacedEffects = 'taken back' | 'stays';

/**
 * One conversation: the AI SDK's chat, and what it leaves to us. A turn has a key; whatever breaks on the way,
 * the answer is first picked up where it is, and only when nothing runs is the same request sent again under
 * the same key, which the server answers without a second effect.
 */
export class ChatController {
  readonly chat: Chat<ChatMessage>;
  readonly view: Store<ChatView>;
  private repeat: () => Promise<unknown> = () => this.reload();
  /** The message of the turn that runs, or ran last, where this page sent it. */
  private sent: UnansweredMessage | null = null;
  private stopWanted = false;
  private endedBy: string | null = null;
  private notice: Notice | null = null;

  constructor(
    readonly id: string,
    isNew: boolean,
    private readonly around: ChatDependencies,
  ) {
    this.chat = new Chat<ChatMessage>({ id, transport: around.transport, generateId: newId });
    this.view = createStore<ChatView>({
      phase: isNew ? 'ready' : 'loading',
      title: null,
      earlier: false,
      busy: false,
      recovering: null,
      model: null,
      stopping: false,
      problem: null,
    });
  }

  /** Reads the conversation; picks up an answer that is still being written, or a message that never left. */
  async load(): Promise<void> {
    if (this.view.get().busy) return;
    try {
      const running = await this.reload();
      this.view.patch({ phase: 'ready', problem: null });
      if (running) await this.resumeRunning();
      else this.restoreSent();
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) {
        this.view.patch({ phase: this.around.drafts.sent(this.id) ? 'ready' : 'missing', problem: null });
        this.restoreSent();
      } else this.view.patch({ phase: this.view.get().phase === 'ready' ? 'ready' : 'failed', problem: error as Error });
    }
  }

  /** Looks whether the conversation went on elsewhere: in another tab or on another device. */
  async refresh(): Promise<void> {
    const { phase, busy, problem } = this.view.get();
    if (phase !== 'ready' || busy || problem || this.chat.messages.length === 0) return;
    try {
      // The newest turn tells whether there is anything new.
      const { title, running_turn_id: running, messages } = await this.around.api.read(this.id, undefined, 1);
      if (this.view.get().busy) return;
      if (title !== this.view.get().title) this.view.patch({ title });
      if (!running && messages.at(-1)?.id === this.chat.lastMessage?.id) return;
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) this.view.patch({ phase: 'missing' });
      else throw error;
      return;
    }
    await this.load();
  }

  /** What the stream said about why the answer ended. */
  finished(reason: string): void {
    this.endedBy = reason;
  }

  /** What the stream said about what the answer did. */
  effected({ notice }: Effects): void {
    this.notice = notice;
  }

  async loadEarlier(): Promise<void> {
    const first = this.chat.messages[0];
    if (!first) return;
    const older = messagesOf(await this.around.api.read(this.id, first.id, this.around.pageSize));
    const known = new Set(this.chat.messages.map((message) => message.id));
    this.chat.messages = [...older.filter((message) => !known.has(message.id)), ...this.chat.messages];
    this.view.patch({ earlier: older.length >= this.around.pageSize });
  }

  async send(text: string): Promise<void> {
    if (this.view.get().busy) return;
    const message = userMessage(newId(), text);
    const { model } = this.view.get();
    this.sent = { key: message.id, text, model };
    this.around.drafts.keepSent(this.id, this.sent);
    this.repeat = () => this.repeatMessage(message.id, model);
    this.around.placed();
    await this.run(async () => {
      await this.chat.sendMessage(message, options(message.id, model));
    });
    if (this.chat.messages.length === 2 && !this.view.get().problem) void this.awaitTitle();
  }

  /** Answers the last message again. */
  async regenerate(replaced?: ReplacedEffects): Promise<void> {
    const again = options(newId(), this.view.get().model, replaced);
    await this.replaceAnswer(() => this.chat.regenerate(again));
  }

  /** Answers other words in place of the person's last message. */
  async edit(id: string, text: string, replaced?: ReplacedEffects): Promise<void> {
    const edited = this.chat.messages.find((message) => message.id === id);
    const { headers, body } = options(newId(), this.view.get().model, replaced);
    // Should it arrive late, after another edit, it is none any more.
    const again = { headers, body: { ...body, ...(edited && { previous_text: textOf(edited) }) } };
    await this.replaceAnswer(() => this.chat.sendMessage({ ...userMessage(id, text), messageId: id }, again));
  }

  /** The server keeps the answer there was when no other one comes. */
  private async replaceAnswer(ask: () => Promise<unknown>): Promise<void> {
    if (this.view.get().busy) return;
    const before = this.chat.messages;
    this.sent = null;
    this.repeat = ask;
    await this.run(async () => void (await ask()));
    if (this.view.get().problem && this.chat.lastMessage?.role === 'user') this.chat.messages = before;
  }

  /** What "Try again" does after a problem. */
  async retry(): Promise<void> {
    if (this.view.get().phase === 'failed') return this.load();
    const { problem } = this.view.get();
    await this.run(() => (problem instanceof ConnectionLost ? this.pickUp() : this.repeat()));
  }

  /** Has another model answer from now on. */
  chooseModel(model: string): void {
    this.view.patch({ model });
  }

  async stop(): Promise<void> {
    if (!this.view.get().busy || this.stopWanted) return;
    this.stopWanted = true;
    this.view.patch({ stopping: true });
    await this.around.api.stop(this.id).catch(() => {});
    // The stream should end by itself now; the person need not wait for it.
    await Promise.race([this.idle(), pause(2_500)]);
    await this.chat.stop();
  }

  /** Moves a message that could not be sent back to where it was typed. */
  takeBack(): string {
    const last = this.chat.messages.findLast((message) => message.role === 'user');
    this.chat.messages = last ? this.chat.messages.slice(0, this.chat.messages.indexOf(last)) : [];
    this.chat.clearError();
    this.sent = null;
    this.around.drafts.keepSent(this.id, null);
    this.view.patch({ problem: null });
    return last ? textOf(last) : '';
  }

  private async run(start: () => Promise<unknown>): Promise<void> {
    if (this.view.get().busy) return;
    this.stopWanted = false;
    this.endedBy = null;
    this.notice = null;
    this.view.patch({ busy: true, problem: null });
    try {
      await this.around.beforeSending();
      await start();
      await this.recover();
    } finally {
      this.markEnd(this.stopWanted ? 'cancelled' : this.endedBy);
      const failed = this.chat.status === 'error' && !this.stopWanted;
      // The server keeps nothing of a turn that failed before it did anything, so the message is kept here again.
      if (failed && this.sent) this.around.drafts.keepSent(this.id, this.sent);
      this.view.patch({ busy: false, recovering: null, stopping: false, problem: failed ? (this.chat.error ?? null) : null });
      this.stopWanted = false;
      this.around.afterTurn();
    }
  }

  /** As long as the answer breaks off for a passing reason, fetches the rest of it. */
  private async recover(): Promise<void> {
    for (let attempt = 0; this.chat.status === 'error' && !this.stopWanted; attempt++) {
      const { error } = this.chat;
      const refusal = error instanceof ApiError ? error : null;
      const loading = refusal?.code === 'model_loading';
      const other = refusal?.status === 409;
      if (!loading && !other && !(error instanceof ConnectionLost)) return;
      if (attempt >= (loading ? LOADING_ATTEMPTS : ATTEMPTS)) return;
      this.view.patch({ recovering: loading ? 'model' : 'connection' });
      await this.pauseUnlessStopped(loading || other ? (refusal?.retryAfter ?? 2) * 1000 : backOff(attempt));
      if (this.stopWanted) return;
      if (loading || other) await this.repeat();
      else await this.pickUp();
      this.view.patch({ recovering: null });
    }
  }

  private async pickUp(): Promise<void> {
    await this.resume();
    if (this.around.transport.nothingRunning && !this.stopWanted) await this.repeat();
  }

  private async resume(): Promise<void> {
    this.around.transport.nothingRunning = false;
    await this.chat.resumeStream();
  }

  /** Picks up an answer that this page did not ask for, or no longer knows that it did. */
  private async resumeRunning(): Promise<void> {
    const again = options(newId(), null);
    this.sent = null;
    this.repeat = () => this.chat.regenerate(again);
    let interrupted = false;
    await this.run(async () => {
      await this.resume();
      // Either it came to its end just now, or nobody works on it any more.
      if (this.around.transport.nothingRunning) interrupted = await this.reload('with halves');
    });
    if (interrupted) this.view.patch({ problem: new Interrupted() });
  }

  private async repeatMessage(key: string, model: string | null): Promise<void> {
    const asked = this.chat.messages.findIndex((message) => message.id === key);
    this.chat.messages = this.chat.messages.slice(0, asked + 1);
    await this.chat.sendMessage(undefined, options(key, model));
  }

  /** Whether a turn is not over. Half of its answer is left out where a replay will bring it. */
  private async reload(shown: 'with halves' | 'without' = 'without'): Promise<boolean> {
    const conversation = await this.around.api.read(this.id, undefined, this.around.pageSize);
    const messages = messagesOf(shown === 'without' ? conversation : { ...conversation, running_turn_id: null });
    this.chat.messages = messages;
    this.view.patch({ title: conversation.title, model: conversation.model ?? null, earlier: conversation.messages.length >= this.around.pageSize });
    return Boolean(conversation.running_turn_id);
  }

  private restoreSent(): void {
    const sent = this.around.drafts.sent(this.id);
    if (!sent) return;
    const last = this.chat.messages.findLast((message) => message.role === 'user');
    if (last && (last.id === sent.key || textOf(last) === sent.text)) return this.around.drafts.keepSent(this.id, null);
    this.chat.messages = [...this.chat.messages, userMessage(sent.key, sent.text)];
    this.sent = sent;
    this.repeat = () => this.repeatMessage(sent.key, sent.model ?? null);
    this.view.patch({ problem: new NotSent() });
  }

  private markEnd(finishReason: string | null): void {
    const last = this.chat.lastMessage;
    if (last?.role !== 'assistant' || !(finishReason || this.notice)) return;
    const metadata = { ...last.metadata, ...(finishReason && { finishReason }), ...(this.notice && { notice: this.notice }) };
    this.chat.messages = [...this.chat.messages.slice(0, -1), { ...last, metadata }];
  }

  /** The model names a conversation after its first answer; nobody says when. */
  private async awaitTitle(): Promise<void> {
    const before = this.view.get().title;
    for (const wait of TITLE_WAITS_MS) {
      await pause(wait);
      const found = await this.around.api.read(this.id, undefined, 1).catch(() => null);
      if (this.view.get().title !== before) return;
      const title = found?.title ?? before;
      if (title === before) continue;
      this.view.patch({ title });
      return this.around.renamed();
    }
  }

  private async pauseUnlessStopped(wait: number): Promise<void> {
    for (let left = wait; left > 0 && !this.stopWanted; left -= 500) await pause(Math.min(left, 500));
  }

  private idle(): Promise<void> {
    return new Promise((resolve) => {
      const done = () => !this.view.get().busy && (stop(), resolve());
      const stop = this.view.subscribe(done);
      done();
    });
  }
}
