import type { ConversationApi } from '../api/conversationApi';
import type { Conversation, StoredMessage } from '../api/types';
import { saveFile } from '../page/saveFile';
import { fromStored, isToolPart } from './message';
import { plainSentence, summarizeToolCall } from './toolCallSummary';

export type ExportFormat = 'markdown' | 'json';

export interface ExportedFile {
  name: string;
  type: string;
  text: string;
}

const PAGE = 200;

/** The whole conversation, page by page from the newest backwards. */
export async function readWhole(api: ConversationApi, id: string): Promise<Conversation> {
  const { earlier, ...newest } = await api.read(id, undefined, PAGE);
  const messages = [...newest.messages];
  for (let before = earlier; before; ) {
    const page = await api.read(id, before, PAGE);
    messages.unshift(...page.messages);
    before = page.earlier;
  }
  return { ...newest, messages };
}

export function exportConversation(conversation: Conversation, format: ExportFormat): ExportedFile {
  const { title } = conversation;
  const name = fileName(title);
  if (format === 'json') return { name: `${name}.json`, type: 'application/json', text: `${JSON.stringify(conversation, null, 2)}\n` };
  const head = `# ${title}\n\n${conversation.created_at.slice(0, 10)} · ${conversation.messages.length} messages\n`;
  return { name: `${name}.md`, type: 'text/markdown', text: [head, ...conversation.messages.map(asMarkdown)].join('\n') };
}

function asMarkdown(message: StoredMessage): string {
  const who = message.role === 'user' ? 'You' : 'Assistant';
  const blocks = fromStored(message).parts.flatMap((part) => {
    if (part.type === 'text') return part.text.trim() ? [part.text.trim()] : [];
    return isToolPart(part) ? [`> ${plainSentence(summarizeToolCall(part).sentence)}`] : [];
  });
  if (message.role === 'assistant' && message.finish_reason === 'cancelled') blocks.push('*(stopped)*');
  return `## ${who}\n\n${blocks.join('\n\n')}\n`;
}

function fileName(title: string): string {
  const plain = title
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-+|-+$/g, '');
  return plain.slice(0, 60) || 'conversation';
}

export function download({ name, type, text }: ExportedFile): void {
  saveFile(new Blob([text], { type: `${type};charset=utf-8` }), name);
}
