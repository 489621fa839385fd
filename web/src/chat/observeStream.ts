import type { UIMessageChunk } from 'ai';
import { ApiError, ConnectionLost } from '../api/apiErrors';
import type { Approval, Effects } from '../api/types';

/** What the rest of the page wants to know of a stream, before the answer is drawn. */
export interface StreamEvents {
  started(): void;
  toolDone(tool: string, output: unknown, callId: string): void;
  conversation(about: { id: string; title: string | null }): void;
  /** What the answer did, as the server knows it. */
  effects(about: Effects): void;
  /** The assistant asks before it does something. */
  approval(asked: Approval): void;
  /** Why the answer ended, in the server's words. */
  finished(reason: string): void;
}

/** The server sends a heartbeat every ten seconds; three missing ones mean that the line is dead. */
const SILENCE_MS = 35_000;

/** Passes bytes on and fails when the line falls silent, which `fetch` alone never notices. */
export function failWhenSilent(bytes: ReadableStream<Uint8Array>, silence = SILENCE_MS): ReadableStream<Uint8Array> {
  const reader = bytes.getReader();
  return new ReadableStream({
    async pull(controller) {
      let timer: ReturnType<typeof setTimeout> | undefined;
      const dead = new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new ConnectionLost()), silence);
      });
      try {
        const { done, value } = await Promise.race([reader.read(), dead]);
        if (done) controller.close();
        else controller.enqueue(value);
      } catch (error) {
        reader.cancel().catch(() => {});
        controller.error(lost(error));
      } finally {
        clearTimeout(timer);
      }
    },
    cancel: (reason) => reader.cancel(reason),
  });
}

/**
 * Passes chunks on, reports what they mean, and turns a stream that ends without its end into `ConnectionLost`: also
 * one of which the server says that whoever worked on it is gone, and that the same message brings it back.
 */
export function observeStream(chunks: ReadableStream<UIMessageChunk>, events: StreamEvents): ReadableStream<UIMessageChunk> {
  const reader = chunks.getReader();
  const tools = new Map<string, string>();
  let ended = false;
  let interrupted: { retry_after?: number; code?: string } | null = null;

  const look = (chunk: UIMessageChunk) => {
    if (chunk.type === 'start') events.started();
    else if (chunk.type === 'tool-input-available') tools.set(chunk.toolCallId, chunk.toolName);
    else if (chunk.type === 'tool-output-available') events.toolDone(tools.get(chunk.toolCallId) ?? '', chunk.output, chunk.toolCallId);
    else if (chunk.type === 'data-conversation') events.conversation(chunk.data as { id: string; title: string | null });
    else if (chunk.type === 'data-effects') events.effects(chunk.data as Effects);
    else if (chunk.type === 'data-approval') events.approval(chunk.data as Approval);
    else if (chunk.type === 'data-usage') events.finished(String((chunk.data as { finish_reason?: string }).finish_reason ?? 'stop'));
    else if (chunk.type === 'data-interrupted') interrupted = chunk.data as { retry_after?: number; code?: string };
    else if (chunk.type === 'error' && interrupted?.code === 'model_loading') throw new ApiError(chunk.errorText, 503, interrupted.code, interrupted.retry_after ?? 10, [], null);
    else if (chunk.type === 'error' && interrupted) throw new ConnectionLost();
    else if (chunk.type === 'finish' || chunk.type === 'abort' || chunk.type === 'error') ended = true;
  };

  return new ReadableStream({
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (!done) {
          look(value);
          controller.enqueue(value);
        } else if (ended) controller.close();
        else controller.error(new ConnectionLost());
      } catch (error) {
        controller.error(lost(error));
      }
    },
    cancel: (reason) => reader.cancel(reason),
  });
}

/** Every browser words a broken stream differently, and all of them throw a TypeError. */
function lost(error: unknown): unknown {
  return error instanceof TypeError ? new ConnectionLost() : error;
}
