import { DefaultChatTransport, type UIMessageChunk } from 'ai';
import { config } from 'zod/v4/core';
import { apiError } from '../api/apiErrors';
import { ownTimeZone } from '../api/timeZone';
import type { Schemas } from '../api/types';
import type { Session } from '../session/session';
import type { ChatMessage } from './message';
import { failWhenSilent, observeStream, type StreamEvents } from './observeStream';

// The AI SDK checks chunks with zod, which would try `new Function` first: our CSP forbids it and would report it.
config({ jitless: true });

/** The AI SDK's transport on our routes: signed in, patient with a waking server, and observed by the list. */
export class ChatTransport extends DefaultChatTransport<ChatMessage> {
  /** Whether the last attempt to resume found nothing to resume. */
  nothingRunning = false;

  constructor(
    session: Session,
    userId: string,
    private readonly events: StreamEvents,
  ) {
    super({
      api: `/api/${userId}/chat/stream`,
      fetch: (path, init) => this.ask(session, String(path), init ?? {}),
      // The server has the history; it wants the last message only.
      prepareSendMessagesRequest: ({ id, messages, trigger, messageId, headers, body }) => ({
        headers: headers ?? {},
        body: { ...body, time_zone: ownTimeZone(), id, message: lastOfUser(messages), trigger, messageId } satisfies Schemas['ChatStreamRequest'],
      }),
      prepareReconnectToStreamRequest: ({ id }) => ({ api: `/api/${userId}/chat/${encodeURIComponent(id)}/stream` }),
    });
  }

  private async ask(session: Session, path: string, init: RequestInit): Promise<Response> {
    const response = await session.fetch(path, { ...init, replayable: true });
    this.nothingRunning = response.status === 204;
    if (!response.ok) throw await apiError(response);
    if (!response.body || this.nothingRunning) return response;
    return new Response(failWhenSilent(response.body), { status: response.status, headers: response.headers });
  }

  protected override processResponseStream(stream: ReadableStream<Uint8Array<ArrayBufferLike>>): ReadableStream<UIMessageChunk> {
    return observeStream(super.processResponseStream(stream), this.events);
  }
}

function lastOfUser(messages: ChatMessage[]): Schemas['SentMessage'] | null {
  const message = messages.findLast((one) => one.role === 'user');
  return message ?  { id: message.id, role: message.role, parts: message.parts } : null;
}
