import type { Session } from '../session/session';
import { ApiError, apiError, ConnectionLost } from './apiErrors';
import { readAnswer } from './send';

/** The calls that export a whole account as a file, and import such a file into an empty account. */

/** A file may take a minute to arrive, and half a minute to be written; the rest is for a slow line. */
const IMPORT_HEADERS_MS = 120_000;

/** Downloads everything of the account as a file. */
export async function exportAccount(session: Session, userId: string): Promise<Blob> {
  const response = await session.fetch(`/api/${userId}/export`);
  if (!response.ok) throw await apiError(response);
  // It is written while it is sent, and may break off.
  return response.blob().catch(() => Promise.reject(new ConnectionLost()));
}

/** A file that is no JSON object, or one of something else. */
const isNoExport = (error: unknown) => error instanceof ApiError && (error.status === 400 || error.fields.some(({ field }) => field === 'body' || field === 'format'));

/** Imports an exported file into this account, which must be empty. */
export async function importAccount(session: Session, userId: string, file: Blob, key: string): Promise<void> {
  const headers = { 'content-type': 'application/json', 'idempotency-key': key };
  const answer = await session.fetch(`/api/${userId}/import`, { method: 'POST', headers, body: file, headersWithinMs: IMPORT_HEADERS_MS });
  await readAnswer(answer).catch((error: unknown) => {
    throw isNoExport(error) ? new Error('This is not a file that was exported from an account.') : error;
  });
}
