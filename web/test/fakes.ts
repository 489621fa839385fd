import type { Schemas, TokenAnswer, User } from '../src/api/types';
import { taskFromPartial } from '../src/tasks/taskFromPartial';

export const user: User = {
  id: 'u-1', email: 'mira@example.com', name: 'Mira', avatar_url: null, oauth_provider: null, time_zone: 'UTC', week_start: 'monday', email_confirmed: true, has_password: true, created_at: '2026-01-01T00:00:00Z',
};

export function tokenAnswer(n: number, more: Partial<TokenAnswer> = {}): TokenAnswer {
  return { access_token: `access-${n}`, token_type: 'bearer', expires_in: 900, refresh_token: `refresh-${n}`, refresh_expires_in: 10_000, user, ...more };
}

export function json(body: unknown, status = 200, headers: Record<string, string> = {}): Response {
  const type = status < 400 ? 'application/json' : 'application/problem+json';
  return new Response(JSON.stringify(body), { status, headers: { 'content-type': type, ...headers } });
}

export const problem = (status: number, code: string, detail = 'No.', headers: Record<string, string> = {}) => json({ title: 'x', status, detail, code, request_id: 'r' }, status, headers);

export interface Call {
  path: string;
  method: string;
  token: string | null;
  body: unknown;
  headers: Headers;
}

/** Replaces `fetch` by a function of the call, and keeps what was called. */
export function fakeServer(answer: (call: Call, count: number) => Response | Promise<Response>): Call[] {
  const calls: Call[] = [];
  globalThis.fetch = (async (path: RequestInfo | URL, init: RequestInit = {}) => {
    const headers = new Headers(init.headers);
    const call: Call = {
      path: String(path),
      method: init.method ?? 'GET',
      token: headers.get('authorization')?.replace('Bearer ', '') ?? null,
      body: init.body ? JSON.parse(String(init.body)) : null,
      headers,
    };
    calls.push(call);
    return answer(call, calls.length);
  }) as typeof fetch;
  return calls;
}

export const task = (id: number, more: Partial<Schemas['Task']> = {}): Schemas['Task'] => ({
  ...taskFromPartial({ id, title: `Task ${id}`, description: null, completed: false, created_at: '2026-01-01T00:00:00Z', updated_at: '2026-01-01T00:00:00Z', ...more }),
  version: more.version ?? 1,
});
