import type { Session } from '../session/session';
import { API_BASE, readAnswer } from './send';
import type { Task, TaskPatch } from './types';

export interface TaskApi {
  list(): Promise<Task[]>;
  /** `key` makes a repeated call harmless. */
  add(title: string, description: string | null, key: string): Promise<Task>;
  change(id: number, patch: TaskPatch): Promise<Task>;
  remove(id: number): Promise<void>;
  /** Deletes while the page goes away: no waiting, no renewing of tokens. */
  removeLeaving(id: number): void;
}

const JSON_TYPE = { 'content-type': 'application/json' };

/** A page of the list as it was read last. */
interface KnownPage {
  etag: string;
  tasks: Task[];
  link: string | null;
}

export function taskApi(session: Session, userId: string): TaskApi {
  const path = `/api/${userId}/tasks`;
  const known = new Map<string, KnownPage>();

  /** Reads a page; where the server gives the list an ETag, an unchanged page is not sent again. */
  const readPage = async (address: string): Promise<Pick<KnownPage, 'tasks' | 'link'>> => {
    const before = known.get(address);
    const response = await session.fetch(address, before && { headers: { 'if-none-match': before.etag } });
    if (response.status === 304 && before) return before;
    const page = { tasks: await readAnswer<Task[]>(response), link: response.headers.get('link') };
    const etag = response.headers.get('etag');
    if (etag) known.set(address, { ...page, etag });
    else known.delete(address);
    return page;
  };

  return {
    async list() {
      const all: Task[] = [];
      let next: string | null = `${path}?limit=500`;
      while (next) {
        const page = await readPage(next);
        all.push(...page.tasks);
        next = nextPage(page.link, path);
      }
      return all;
    },
    async add(title, description, key) {
      const body = JSON.stringify(description ? { title, description } : { title });
      const headers = { ...JSON_TYPE, 'idempotency-key': key };
      return readAnswer(await session.fetch(path, { method: 'POST', headers, body, replayable: true }));
    },
    async change(id, patch) {
      const body = JSON.stringify(patch);
      return readAnswer(await session.fetch(`${path}/${id}`, { method: 'PATCH', headers: JSON_TYPE, body, replayable: true }));
    },
    async remove(id) {
      const response = await session.fetch(`${path}/${id}`, { method: 'DELETE' });
      if (response.status !== 404) await readAnswer(response);
    },
    removeLeaving(id) {
      const token = session.currentToken();
      if (!token) return;
      const headers = { authorization: `Bearer ${token}` };
      fetch(`${API_BASE}${path}/${id}`, { method: 'DELETE', headers, keepalive: true }).catch(() => {});
    },
  };
}

/** The query of `Link: <…?before=…>; rel="next"`, on our own path whatever the host in it says. */
export function nextPage(link: string | null, path: string): string | null {
  const target = link?.match(/<([^>]*)>\s*;[^,]*rel="?next"?/)?.[1];
  const query = target?.split('?')[1];
  return query ? `${path}?${query}` : null;
}
