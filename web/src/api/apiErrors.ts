import type { Schemas } from './types';

/** Why a request did not work, always with a sentence a person can read as its `message`. */

export type FieldProblem = Schemas['InvalidField'];

/** The server said no, as problem+json. */
export class ApiError extends Error {
  override name = 'ApiError';
  constructor(
    message: string,
    readonly status: number,
    readonly code: string,
    readonly retryAfter: number | null,
    readonly fields: FieldProblem[],
    readonly requestId: string | null,
  ) {
    super(message);
  }
}

/** Nobody answered, or something that is not our server did. */
export class Unreachable extends Error {
  override name = 'Unreachable';
  constructor(readonly offline: boolean) {
    super(offline ? 'You are offline. Nothing is lost; try again when you are back.' : 'The server cannot be reached right now. Nothing is lost; try again in a moment.');
  }
}

/** The answer broke off in the middle. */
export class ConnectionLost extends Error {
  override name = 'ConnectionLost';
  constructor() {
    super('The connection broke in the middle of the answer.');
  }
}

/** The person has to sign in again and chose not to. */
export class SignedOut extends Error {
  override name = 'SignedOut';
  constructor() {
    super('You are signed out.');
  }
}

export async function apiError(response: Response): Promise<ApiError> {
  const body = (await response.json().catch(() => ({}))) as Partial<Record<keyof Schemas['Problem'], unknown>>;
  const text = (key: keyof Schemas['Problem']) => (typeof body[key] === 'string' ? (body[key] as string) : null);
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  return new ApiError(
    text('detail') ?? text('title') ?? `The server answered with status ${response.status}.`,
    response.status,
    text('code') ?? '',
    Number.isFinite(seconds) ? seconds : null,
    Array.isArray(body.errors) ? (body.errors as FieldProblem[]) : [],
    text('request_id'),
  );
}

export function sentence(error: unknown): string {
  return error instanceof Error && error.message ? error.message : 'Something went wrong. Please try again.';
}
