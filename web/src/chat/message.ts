import type { UIMessage } from 'ai';
import type { Conversation, Notice, StoredAnswer, StoredMessage } from '../api/types';

export type ChatMessage = UIMessage<{ finishReason?: string | null; createdAt?: string; notice?: Notice | null }>;

/** What becomes of what an answer did that another one replaces; what was changed since always stays. */
export type ReplacedEffects = 'taken back' | 'stays';

/** The part of a tool call that a card shows. */
export interface ToolPart {
  type: `tool-${string}`;
  toolCallId: string;
  state: string;
  input?: unknown;
  output?: unknown;
  errorText?: string;
}

export const isToolPart = (part: { type: string }): part is ToolPart => part.type.startsWith('tool-');

export const toolName = (part: ToolPart) => part.type.slice('tool-'.length);

export function fromStored(message: StoredMessage): ChatMessage {
  const parts = message.parts.length > 0 ? message.parts : [{ type: 'text', text: message.content }];
  return {
    id: message.id,
    role: message.role,
    parts: parts as ChatMessage['parts'],
    metadata: { createdAt: message.created_at, ...(message.role === 'assistant' && aboutAnswer(message)) },
  };
}

const aboutAnswer = ({ finish_reason, notice }: StoredAnswer) => ({ finishReason: finish_reason, ...(notice && { notice }) });

/** The messages of a conversation without the half of a running turn that its replay will bring. */
export function messagesOf(conversation: Conversation): ChatMessage[] {
  const running = conversation.running_turn_id;
  return conversation.messages
    .filter((message) => !(running && message.role === 'assistant' && message.turn_id === running))
    .map(fromStored);
}

/** The turn that gives an answer: the answer has its id. None before the answer begins. */
export const turnOf = (last: ChatMessage | undefined) => (last?.role === 'assistant' ? last.id : null);

/** Whether the newest messages that the server has are the last ones shown, word for word and card for card. */
export function isShown(newest: StoredMessage[], shown: ChatMessage[]): boolean {
  const last = shown.slice(-newest.length);
  return newest.map(fromStored).every(({ id, parts }, index) => id === last[index]?.id && isSame(parts, last[index].parts));
}

/** Of each turn that did something else by then: its answer, with those of its calls that are not there any more. */
export function answersReplaced(before: ChatMessage[], now: ChatMessage[]): ChatMessage[] {
  const calls = ({ parts }: ChatMessage) => parts.filter(isToolPart);
  return before.flatMap((answer) => {
    const other = now.find(({ id }) => id === answer.id);
    if (!other || isSame(calls(answer), calls(other))) return [];
    return { ...answer, parts: answer.parts.filter((part) => isToolPart(part) && !calls(other).some((call) => isSame(call, part))) };
  });
}

/** Whether two values of JSON are the same; a member that is `undefined` is as good as none. */
export function isSame(one: unknown, other: unknown): boolean {
  if (!one || !other || typeof one !== 'object' || typeof other !== 'object') return one === other;
  const [ones, others] = [one, other] as Record<string, unknown>[];
  return Object.keys({ ...ones, ...others }).every((key) => isSame(ones?.[key], others?.[key]));
}

/** What the server has, and below it the messages of a turn that it may have only in part. */
export function withHistory(stored: ChatMessage[], turn: ChatMessage[]): ChatMessage[] {
  const begins = stored.findIndex(({ id }) => id === turn[0]?.id);
  return [...(begins < 0 ? stored : stored.slice(0, begins)), ...turn];
}

/** The messages, and of the newest answer why it is over, and what is to be known of it. */
export function withEnd(messages: ChatMessage[], finishReason: string | null, notice: Notice | null): ChatMessage[] {
  const last = messages.at(-1);
  if (last?.role !== 'assistant' || !(finishReason || notice)) return messages;
  const metadata = { ...last.metadata, ...(finishReason && { finishReason }), ...(notice && { notice }) };
  return [...messages.slice(0, -1), { ...last, metadata }];
}

export const newestQuestion = (messages: ChatMessage[]) => messages.findLast((message) => message.role === 'user');

export function textOf(message: Pick<ChatMessage, 'parts'>): string {
  return message.parts
    .map((part) => (part.type === 'text' ? part.text : ''))
    .filter(Boolean)
    .join('\n\n');
}

/** What is to be known of an answer beside its words: a change was asked for, and none was made. */
export function noticeOf(message: Pick<ChatMessage, 'metadata'>): string | null {
  const notice = message.metadata?.notice;
  if (!notice) return null;
  return notice.code === 'nothing_was_changed' ? 'Nothing was changed.' : notice.detail;
}

/** Whether there is nothing to see in it: the model failed before it said or did anything. */
export function isBlank(message: Pick<ChatMessage, 'parts'> | undefined): boolean {
  return !message?.parts.some((part) => isToolPart(part) || (part.type === 'text' && part.text.trim() !== ''));
}

/** Whether what this question called has a result: such a turn the server keeps, also where it failed. */
export function didSomething(messages: ChatMessage[], question: string | undefined): boolean {
  const begins = messages.findIndex(({ id }) => id === question);
  return begins >= 0 && messages.slice(begins).some(({ parts }) => parts.some((part) => isToolPart(part) && part.state.startsWith('output-')));
}

/** Whether words are what came last of an answer: one sees it grow. After a tool's card one would see nothing move. */
export function isSpeaking(message: Pick<ChatMessage, 'parts' | 'role'> | undefined): boolean {
  const newest = message?.parts.at(-1);
  return message?.role === 'assistant' && newest?.type === 'text' && newest.text !== '';
}

export function userMessage(id: string, text: string): ChatMessage {
  return { id, role: 'user', parts: [{ type: 'text', text }], metadata: { createdAt: new Date().toISOString() } };
}
