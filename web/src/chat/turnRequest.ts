import type { Chat } from '@ai-sdk/react';
import { ApiError } from '../api/apiErrors';
import { newId } from '../newId';
import type { UnansweredMessage } from './drafts';
import { isSame, newestQuestion, textOf, userMessage, type ChatMessage, type ReplacedEffects } from './message';

/** What this page asks for: how the same is asked for again, and what it keeps until there is an answer. */
export interface TurnRequest {
  /** Under the same key each time, so that the server answers it without a second effect. */
  repeat(): Promise<unknown>;
  /** The model that is asked for, where it is another one than before. */
  model?: string | null;
  /** The message, where it is a new one. */
  sent?: UnansweredMessage;
  /** What is shown again when no other answer takes its place. */
  before?: ChatMessage[];
  /** An edit: its words, and the same edit of what is shown by then, where that is still the newest message. */
  edit?: { words: string; renew(): TurnRequest | null };
}

/** What goes with a message beside it: the same again whenever it is repeated. */
export function options(key: string, model: string | null, replaced: ReplacedEffects = 'taken back') {
  const stays = replaced === 'stays' && { undo_replaced: false };
  return { headers: { 'Idempotency-Key': key }, body: { ...(model && { model }), ...stays } };
}

export function newMessage(chat: Chat<ChatMessage>, sent: UnansweredMessage): TurnRequest {
  const repeat = async () => {
    const asked = chat.messages.findIndex((message) => message.id === sent.key);
    // It was stopped before it was shown.
    chat.messages = asked < 0 ? [...chat.messages, userMessage(sent.key, sent.text)] : chat.messages.slice(0, asked + 1);
    await chat.sendMessage(undefined, options(sent.key, sent.model ?? null));
  };
  return { sent, repeat, model: sent.model ?? null };
}

/** The same message to another model: that is another request, so it needs a key of its own. */
export function toModel(chat: Chat<ChatMessage>, sent: UnansweredMessage, model: string | null): UnansweredMessage {
  const key = newId();
  chat.messages = chat.messages.map((message) => (message.id === sent.key ? { ...message, id: key } : message));
  return { ...sent, key, model };
}

/** Whether these messages have it, under its key or said anew since. */
export function isAmong(messages: ChatMessage[], sent: UnansweredMessage): boolean {
  const last = newestQuestion(messages);
  return messages.some(({ id }) => id === sent.key) || (last !== undefined && last.id !== sent.after && textOf(last) === sent.text);
}

export function anotherAnswer(chat: Chat<ChatMessage>, model: string | null, replaced?: ReplacedEffects): TurnRequest {
  const again = options(newId(), model, replaced);
  return { before: chat.messages, model, repeat: () => chat.regenerate(again) };
}

/** Another answer to what others asked: only ever by the person's click. */
export function answeringAnew(chat: Chat<ChatMessage>): TurnRequest {
  const { repeat } = anotherAnswer(chat, null);
  return { repeat };
}

export function editedMessage(chat: Chat<ChatMessage>, id: string, words: string, model: string | null, replaced?: ReplacedEffects): TurnRequest {
  const before = chat.messages;
  const edited = before.find((message) => message.id === id);
  const { headers, body } = options(newId(), model, replaced);
  // If another edit arrives first, the server refuses this one: the previous text is another.
  const again = { headers, body: { ...body, ...(edited && { previous_text: textOf(edited) }) } };
  return {
    before,
    model,
    repeat: () => chat.sendMessage({ ...userMessage(id, words), messageId: id }, again),
    edit: { words, renew: () => (newestQuestion(chat.messages)?.id === id ? editedMessage(chat, id, words, model, replaced) : null) },
  };
}

/** Whether the message whose answer was to be replaced is another one by now, or has other words. */
export function isOutdated({ before }: TurnRequest, shown: ChatMessage[], problem: Error): boolean {
  if (!before) return false;
  const [was, is] = [before, shown].map(newestQuestion);
  return (problem instanceof ApiError && problem.code === 'nothing_to_regenerate') || was?.id !== is?.id || !isSame(was?.parts, is?.parts);
}
