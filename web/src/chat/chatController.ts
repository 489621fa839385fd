import { Chat } from '@ai-sdk/react';
import type { ConversationTurns } from '../api/conversationApi';
import { ApiError, ConnectionLost } from '../api/apiErrors';
import type { Effects, Notice } from '../api/types';
import { newId } from '../newId';
import { sleep } from '../sleep';
import { createStore, until, type Store } from '../store';
import type { ChatDependencies } from './chatDependencies';
import { initialChatState, type ChatState } from './chatState';
import { answersReplaced, didSomething, isBlank, isShown, messagesOf, newestQuestion, textOf, turnOf, userMessage, withEnd, withHistory, type ChatMessage, type ReplacedEffects } from './message';
import { Interrupted, isPassing, isUndecided, nextAttempt, NotSent, Outdated } from './turnErrors';
import { awaitGeneratedTitle } from './awaitGeneratedTitle';
import { anotherAnswer, answeringAnew, editedMessage, isAmong, isOutdated, newMessage, options, toModel, type TurnRequest } from './turnRequest';

/**
 * One conversation: the AI SDK's chat, and what it leaves to us. A turn has a key; whatever breaks on the way,
 * the answer is first picked up where it is, and only when nothing runs is the same request sent again under
 * the same key, which the server answers without a second effect. Who only follows an answer sends nothing.
 */
export class ChatController {
  readonly chat: Chat<ChatMessage>;
  readonly view: Store<ChatState>;
  /** Nothing: an answer that others asked for is followed, and shown as the server has it when it is over. */
  private readonly following: TurnRequest = { repeat: () => this.showEnd() };
  private asked = this.following;
  /** How many turns ran here: tells whoever waited for the server whether one began meanwhile. */
  private runs = 0;
  /** The server may have more than is shown, and was not listened to because a turn ran. */
  private behind = false;
  private stopWanted = false;
  private endedBy: string | null = null;
  private notice: Notice | null = null;
  /** The model of the conversation, as the server knows it. */
  private toldModel: string | null = null;

  constructor(
    readonly id: string,
    isNew: boolean,
    private readonly deps: ChatDependencies,
  ) {
    this.chat = new Chat<ChatMessage>({ id, transport: deps.transport, generateId: newId });
    this.view = createStore(initialChatState(isNew));
  }

  /** Reads the conversation; picks up an answer that is still being written, or a message that never left. */
  async load(): Promise<void> {
    if (this.isUnanswered()) this.behind = true;
    else await this.showStored(await this.open());
  }

  /** What was asked for here stays with the reason why there is no answer until it is tried again; the rest shows after it. */
  private isUnanswered(): boolean {
    const { problem } = this.view.get();
    return problem !== null && !(problem instanceof Outdated) && Boolean(this.asked.sent ?? this.asked.before);
  }

  /** Looks whether the conversation went on elsewhere: in another tab or on another device. */
  async refresh(): Promise<void> {
    const { phase, busy, problem } = this.view.get();
    if (phase !== 'ready' || busy || this.isUnanswered()) return;
    if (this.behind) return this.load();
    if (this.chat.messages.length === 0) return;
    try {
      // The newest turn tells whether there is anything new.
      const { title, running_turn_id: running, messages } = await this.deps.api.read(this.id, undefined, 1);
      if (this.view.get().busy) return;
      if (title !== this.view.get().title) this.view.patch({ title });
      // What could not be followed is not tried again and again.
      if (running && problem && !(problem instanceof Interrupted)) return;
      if ((!running || problem) && isShown(messages, this.chat.messages)) return;
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) this.failToOpen(error);
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
  applyEffects({ notice }: Effects): void {
    this.notice = notice;
  }

  async loadEarlier(): Promise<void> {
    const before = this.view.get().earlier;
    if (!before) return;
    const page = await this.deps.api.read(this.id, before, this.deps.pageSize);
    // Shown anew meanwhile, it may begin elsewhere.
    if (this.view.get().earlier !== before) return;
    const known = new Set(this.chat.messages.map((message) => message.id));
    this.chat.messages = [...messagesOf(page).filter((message) => !known.has(message.id)), ...this.chat.messages];
    this.view.patch({ earlier: page.earlier });
  }

  async send(text: string): Promise<void> {
    if (!(await this.sendUnsent()) || this.view.get().busy) return;
    const message = userMessage(newId(), text);
    const model = this.otherModel();
    const sent = { key: message.id, text, model, after: newestQuestion(this.chat.messages)?.id };
    this.deps.drafts.keepSent(this.id, sent);
    this.asked = newMessage(this.chat, sent);
    this.deps.placed();
    await this.run(async () => {
      await this.chat.sendMessage(message, options(message.id, model));
    });
    if (this.chat.messages.length !== 2 || this.view.get().problem) return;
    void awaitGeneratedTitle(this.deps.api, this.id, () => this.view.get().title).then((title) => title !== null && this.rename(title));
  }

  /** A message that was not sent goes before the next one, which would take its place. Says whether the next one may go. */
  async sendUnsent(): Promise<boolean> {
    const { sent } = this.asked;
    const { problem } = this.view.get();
    if (!sent || !problem) return true;
    if (this.deps.drafts.sent(this.id)?.key !== sent.key) return this.dropUnsent();
    if (isPassing(problem) || !this.isKept) await this.retry();
    // Whoever stopped its answer goes on by themselves.
    if (this.chat.lastMessage?.metadata?.finishReason === 'cancelled') return false;
    if (!this.view.get().problem) return true;
    // What the server says of its end shows after the next one.
    this.behind ||= this.isKept;
    return this.isKept;
  }

  /** Another tab has taken the message back, or has sent it. */
  private async dropUnsent(): Promise<boolean> {
    const { asked } = this;
    this.view.patch({ problem: null });
    await this.load();
    if (this.asked === asked) this.asked = this.following;
    return !this.view.get().problem;
  }

  /** Whether the server has the message although its turn failed: the turn did something before. */
  private get isKept(): boolean {
    return didSomething(this.chat.messages, this.asked.sent?.key);
  }

  /** Answers the last message again. */
  async regenerate(replaced?: ReplacedEffects): Promise<void> {
    await this.replaceAnswer(anotherAnswer(this.chat, this.otherModel(), replaced));
  }

  /** Answers other words in place of the person's last message. */
  async edit(id: string, text: string, replaced?: ReplacedEffects): Promise<void> {
    await this.replaceAnswer(editedMessage(this.chat, id, text, this.otherModel(), replaced));
  }

  private async replaceAnswer(asked: TurnRequest): Promise<void> {
    if (this.view.get().busy) return;
    this.asked = asked;
    await this.showStored(await this.run(asked.repeat));
  }

  /** What "Try again" does after a problem. */
  async retry(): Promise<void> {
    const { phase, problem } = this.view.get();
    if (phase === 'failed' || this.asked === this.following) return this.load();
    this.askChosenModel(problem);
    await this.showStored(await this.run(() => this.again(problem)));
  }

  /** A message that the server does not have goes to the model that was chosen since. */
  private askChosenModel(problem: Error | null): void {
    const { sent } = this.asked;
    const { model } = this.view.get();
    if (!sent || !problem || isUndecided(problem) || this.isKept || model === (sent.model ?? this.toldModel)) return;
    const other = toModel(this.chat, sent, model);
    this.deps.drafts.keepSent(this.id, other);
    this.asked = newMessage(this.chat, other);
  }

  /** Has another model answer from now on. */
  chooseModel(model: string): void {
    this.view.patch({ model });
  }

  /** The server remembers the model of a conversation, and knows what to do when there is no such model any more. */
  private otherModel(): string | null {
    const { model } = this.view.get();
    return model === this.toldModel ? null : model;
  }

  async stop(): Promise<void> {
    if (!this.view.get().busy || this.stopWanted) return;
    const { runs } = this;
    this.stopWanted = true;
    this.view.patch({ stopping: true });
    const idle = until(this.view, ({ busy }) => !busy);
    // Before the turn has begun there is nothing to stop, so it is asked again. A sleeping server is not waited for.
    for (let attempt = 0; attempt < 3 && runs === this.runs && this.view.get().busy; attempt++) {
      await Promise.race([idle, this.deps.api.stop(this.id, turnOf(this.chat.lastMessage)).catch(() => {}), sleep(2_500)]);
      await Promise.race([idle, sleep(1_000)]);
    }
    // The stream should have ended by itself; the person need not wait for it.
    if (runs === this.runs) await this.chat.stop();
  }

  /** Whether words were typed for what could not be sent: another answer needs none, and what is kept goes on. */
  get hasWords(): boolean {
    return Boolean(this.asked.edit ?? (this.asked.sent && !this.isKept));
  }

  /** Moves a message that could not be sent back to where it was typed. What would have been replaced stays. */
  takeBack(): string {
    const { sent, edit } = this.asked;
    const begins = this.chat.messages.findIndex(({ id }) => id === sent?.key);
    if (begins >= 0) this.chat.messages = this.chat.messages.slice(0, begins);
    this.asked = this.following;
    this.deps.drafts.keepSent(this.id, null);
    this.view.patch({ problem: null });
    return edit?.words ?? sent?.text ?? '';
  }

  /** Lets a turn run to its end; returns what went wrong. */
  private async run(start: () => Promise<unknown>): Promise<Error | null> {
    if (this.view.get().busy) return null;
    this.begin();
    let problem: Error | null = null;
    try {
      await this.deps.beforeSending();
      if (this.stopWanted && this.asked.sent) throw new NotSent();
      await start();
      await this.recover();
      if (this.chat.status === 'error') problem = this.chat.error ?? null;
    } catch (error) {
      problem = error as Error;
    }
    if (this.stopWanted && !(problem instanceof NotSent)) problem = null;
    this.chat.messages = withEnd(this.chat.messages, this.stopWanted ? 'cancelled' : this.endedBy, this.notice);
    this.closeTurn(problem);
    this.view.patch({ busy: false, recovering: null, stopping: false, problem });
    this.stopWanted = false;
    this.deps.afterTurn();
    if (!problem && this.behind) void this.load();
    return problem;
  }

  /** What this page kept for the turn is not needed any more, or is there again. */
  private closeTurn(problem: Error | null): void {
    const { sent, before, model } = this.asked;
    const last = this.chat.lastMessage;
    if (!problem) {
      this.asked = this.following;
      if (!this.stopWanted) this.toldModel = model ?? this.toldModel;
      if (before) this.deps.replaced(answersReplaced(before, this.chat.messages));
    }
    // The server keeps nothing of a turn that failed before it did anything, so the message is kept here again.
    else if (sent) this.deps.drafts.keepSent(this.id, sent);
    // The server keeps the answer there was when no other one comes; where the line broke, one may have come.
    else if (before && !(problem instanceof ConnectionLost) && (last?.role === 'user' || isBlank(last))) this.chat.messages = before;
  }

  private begin(): void {
    this.runs += 1;
    this.stopWanted = false;
    this.endedBy = null;
    this.notice = null;
    this.chat.clearError();
    // Somebody goes on before the conversation is there: the turn is shown, and the rest when it comes.
    this.behind ||= this.view.get().phase !== 'ready';
    this.view.patch({ phase: 'ready', busy: true, problem: null });
  }

  /** As long as the answer breaks off for a passing reason, fetches the rest of it. */
  private async recover(): Promise<void> {
    for (let attempt = 0; this.chat.status === 'error' && !this.stopWanted; attempt++) {
      const { error } = this.chat;
      const next = nextAttempt(error, attempt);
      if (!next) return;
      this.view.patch({ recovering: next.waitsFor });
      await this.pauseUnlessStopped(next.wait);
      if (this.stopWanted) return;
      await this.again(error);
      this.view.patch({ recovering: null });
    }
  }

  /** Goes on after a problem. Where an answer may be on its way, that is looked for first. */
  private async again(problem: Error | null | undefined): Promise<void> {
    if (problem instanceof ConnectionLost || this.asked === this.following) await this.pickUp();
    else await this.asked.repeat();
  }

  private async pickUp(): Promise<void> {
    this.deps.transport.nothingRunning = false;
    await this.chat.resumeStream();
    if (this.deps.transport.nothingRunning && !this.stopWanted) await this.asked.repeat();
  }

  /** Shows what became of an answer that was followed. */
  private async showEnd(): Promise<void> {
    const stored = await this.read();
    this.show({ ...stored, running_turn_id: null });
    // Either it came to its end just now, or nobody works on it any more.
    if (!stored.running_turn_id) return;
    this.asked = answeringAnew(this.chat);
    throw new Interrupted();
  }

  private read(): Promise<ConversationTurns> {
    return this.deps.api.read(this.id, undefined, this.deps.pageSize);
  }

  /** Half of a running answer is left out, because its replay will bring it. Older messages that were loaded stay. */
  private show(conversation: ConversationTurns): void {
    const messages = messagesOf(conversation);
    const before = this.chat.messages;
    const older = before.findIndex(({ id }) => id === messages[0]?.id);
    this.chat.messages = [...before.slice(0, Math.max(older, 0)), ...messages];
    this.deps.replaced(answersReplaced(before, messages));
    const earlier = older > 0 ? this.view.get().earlier : conversation.earlier;
    // A choice that was not sent yet stays.
    const chosen = this.otherModel();
    this.toldModel = conversation.model ?? null;
    this.view.patch({ title: conversation.title, earlier, model: chosen ?? this.toldModel });
  }

  /** Shows the conversation as the server has it; returns what went wrong with an answer that was followed. */
  private async open(said: Error | null = null): Promise<Error | null> {
    if (this.view.get().busy) return null;
    const { runs } = this;
    const found = await this.read().catch((error: Error) => error);
    if (runs !== this.runs) this.showBefore(found);
    else if (found instanceof Error) this.failToOpen(found);
    else {
      this.behind = false;
      this.asked = this.following;
      this.show(found);
      this.view.patch({ phase: 'ready', problem: said });
      if (found.running_turn_id) return this.run(() => this.pickUp());
      this.restoreSent();
    }
    return null;
  }

  /** A turn that began meanwhile goes on undisturbed, below what was said before it. The rest is shown after it. */
  private showBefore(found: ConversationTurns | Error): void {
    const wasBehind = this.behind;
    this.behind = true;
    if (!wasBehind || found instanceof Error) return;
    const messages = messagesOf(found);
    if (this.chat.messages.findIndex(({ id }) => id === messages[0]?.id) > 0) return;
    this.chat.messages = withHistory(messages, this.chat.messages);
    this.view.patch({ earlier: found.earlier });
  }

  private failToOpen(error: Error): void {
    const isReady = this.view.get().phase === 'ready';
    if (!(error instanceof ApiError && error.status === 404)) {
      // What "Try again" would do belongs to the problem that is shown.
      return this.view.patch(isReady ? { problem: this.view.get().problem ?? error } : { phase: 'failed', problem: error });
    }
    this.chat.messages = [];
    this.view.patch({ phase: this.asked.sent || this.deps.drafts.sent(this.id) ? 'ready' : 'missing', problem: null });
    this.restoreSent();
  }

  /** The server said no, and knows what is there now: shows that, and what it said. */
  private async showStored(problem: Error | null): Promise<void> {
    const { asked, runs } = this;
    if (!problem || asked.sent || isPassing(problem) || problem instanceof Interrupted) return;
    // A stream that could not be opened says nothing of the answer in it.
    if (asked === this.following && problem instanceof ApiError) return;
    const question = newestQuestion(asked.before ?? this.chat.messages);
    // Of a turn that failed before it did anything the server has not even the words.
    if (question) this.deps.drafts.keepSent(this.id, { key: question.id, text: textOf(question) });
    await this.open(problem);
    const { phase, problem: found } = this.view.get();
    const isUnknown = asked.before && this.asked === asked;
    if (runs !== this.runs || phase !== 'ready' || isUnknown) return;
    const outdated = isOutdated(asked, this.chat.messages, problem);
    if (outdated) this.asked = asked.edit?.renew() ?? this.following;
    else if (!(found instanceof NotSent)) this.asked = asked === this.following ? answeringAnew(this.chat) : asked;
    this.view.patch({ problem: outdated ? new Outdated() : problem });
  }

  private restoreSent(): void {
    const sent = this.deps.drafts.sent(this.id);
    if (!sent) return;
    if (isAmong(this.chat.messages, sent)) return this.deps.drafts.keepSent(this.id, null);
    this.chat.messages = [...this.chat.messages, userMessage(sent.key, sent.text)];
    this.asked = newMessage(this.chat, sent);
    this.view.patch({ problem: new NotSent(), ...(sent.model && { model: sent.model }) });
  }

  private rename(title: string): void {
    this.view.patch({ title });
    this.deps.renamed();
  }

  private async pauseUnlessStopped(wait: number): Promise<void> {
    for (let left = wait; left > 0 && !this.stopWanted; left -= 500) await sleep(Math.min(left, 500));
  }
}
