import type { Session } from '../session/session';
import { API_BASE, jsonRequest, readAnswer } from './send';
import type { Schemas, Task, TaskDetails, TaskPatch } from './types';

export interface TaskApi {
  list(): Promise<Task[]>;
  /** `key` makes a repeated call harmless. */
  add(title: string, details: TaskDetails, key: string): Promise<Task>;
  /** With a `version` it is refused, as `TaskChanged`, when the task is another one by now. */
  change(id: number, patch: TaskPatch, version?: number | null): Promise<Task>;
  remove(id: number): Promise<void>;
  /** Deletes while the page goes away: no waiting, no renewing of tokens. */
  removeLeaving(id: number): void;
}

/** The task was changed by somebody else meanwhile, to this. */
export class TaskChanged extends Error {
  override name = 'TaskChanged';
  constructor(readonly task: Task) {
    super('This task was changed meanwhile. Please look at it again.');
  }
}

/** A page of the list as it was read last. */
interface KnownPage {
  etag: string | null;
  tasks: Task[];
  link: string | null;
}

export function taskApi(session: Session, userId: string): TaskApi {
  const path = `/api/${userId}/tasks`;
  /** Of the last reading: where a page begins changes with what is added. */
  let known = new Map<string, KnownPage>();

  /** Reads a page; where the server gives the list an ETag, an unchanged page is not sent again. */
  const readPage = async (address: string): Promise<KnownPage> => {
    const before = known.get(address);
    const response = await session.fetch(address, before?.etag ? { headers: { 'if-none-match': before.etag } } : {});
    if (response.status === 304 && before) return before;
    const tasks = await readAnswer<Schemas['TaskList']>(response);
    return { tasks, link: response.headers.get('link'), etag: response.headers.get('etag') };
  };

  return {
    async list() {
      const pages = new Map<string, KnownPage>();
      let next: string | null = `${path}?limit=500`;
      while (next) {
        const page = await readPage(next);
        pages.set(next, page);
        next = nextPage(page.link, path);
      }
      known = pages;
      return [...pages.values()].flatMap(({ tasks }) => tasks);
    },
    async add(title, details, key) {
      const request = jsonRequest<'NewTask'>('POST', { title, ...details }, { 'idempotency-key': key });
      return readAnswer(await session.fetch(path, { ...request, replayable: true }));
    },
    async change(id, patch, version) {
      const request = jsonRequest<'TaskChange'>('PATCH', patch, version ? { 'if-match': `"${version}"` } : {});
      const response = await session.fetch(`${path}/${id}`, { ...request, replayable: true });
      if (response.status === 412) throw new TaskChanged(((await response.json()) as { task: Task }).task);
      return readAnswer(response);
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
