// The clients under test, a person who uses them, and what their messages are compared with.
import { randomUUID } from 'node:crypto';

export const BASE_URL = process.env.BASE_URL;
export const REPLICA_URL = process.env.REPLICA_URL;

/** The oldest and the newest release of each major of the AI SDK. */
export const VERSIONS = ['5-first', '5-last', '6-first', '6-last', '7-first', '7-last'];

/** The packages `ai` and `@ai-sdk/react` of one version. */
export async function load(version) {
  const [ai, react] = await Promise.all([import(`ai-${version}`), import(`react-${version}`)]);
  return { version, ai, Chat: react.Chat, useChat: react.useChat };
}

/** Somebody with an account. */
export class Person {
  static async register(name = 'person') {
    const body = { email: `${name}-${randomUUID()}@example.com`, password: randomUUID() };
    let answer = await fetch(`${BASE_URL}/api/auth/register`, post(body));
    while (answer.status === 503) {
      // Passwords are hashed slowly, and a crowd is sent away: it comes again.
      await new Promise((resolve) => setTimeout(resolve, 100));
      answer = await fetch(`${BASE_URL}/api/auth/register`, post(body));
    }
    if (answer.status !== 201) throw new Error(await answer.text());
    const { access_token, user } = await answer.json();
    return new Person(user.id, access_token, body);
  }

  constructor(id, token, credentials) {
    Object.assign(this, { id, token, ...credentials });
    this.headers = { Authorization: `Bearer ${token}` };
  }

  url(path, base = BASE_URL) {
    return `${base}/api/${this.id}${path}`;
  }

  async get(path) {
    const answer = await fetch(this.url(path), { headers: this.headers });
    if (!answer.ok) throw new Error(await answer.text());
    return answer.json();
  }

  /** The conversation, once nothing runs in it. */
  async conversation(id) {
    for (;;) {
      const conversation = await this.get(`/conversations/${id}`);
      if (!conversation.running_turn_id) return conversation;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async titles() {
    return (await this.get('/tasks')).map((task) => task.title);
  }

  stop(chat, base = BASE_URL) {
    return fetch(this.url(`/chat/${chat}/stop`, base), { method: 'POST', headers: this.headers });
  }

  /** A chat of theirs, as a page that was loaded just now makes it. */
  chat({ ai, Chat }, { id = randomUUID(), messages = [], resumeAt = BASE_URL, ...options } = {}) {
    const errors = [];
    const chat = new Chat({
      id,
      messages,
      onError: (error) => errors.push(error),
      transport: new ai.DefaultChatTransport({
        api: this.url('/chat/stream'),
        headers: async () => this.headers,
        prepareReconnectToStreamRequest: ({ id }) => ({ api: this.url(`/chat/${id}/stream`, resumeAt) }),
        ...options.transport,
      }),
      onData: options.onData,
      sendAutomaticallyWhen: options.sendAutomaticallyWhen,
    });
    return Object.assign(chat, { errors });
  }

  /** The messages that a page loads before it resumes: all but the answer that is still on its way. */
  async loaded(id) {
    // A stream is open a little before its turn has begun.
    await until(async () => (await this.get('/conversations')).total > 0, 'a conversation');
    const { messages, running_turn_id } = await this.get(`/conversations/${id}`);
    return messages.filter((message) => message.role === 'user' || message.turn_id !== running_turn_id);
  }
}

export function post(body, headers = {}) {
  return { method: 'POST', headers: { 'Content-Type': 'application/json', ...headers }, body: JSON.stringify(body) };
}

/** A message that holds a script for the model, one item per model call; then it says "Done.". */
export const script = (words, ...steps) => `${words} #script ${JSON.stringify(steps)}`;

export const add = (title, say) => ({ calls: [{ tool: 'add_task', input: { title } }], ...(say && { say }) });

/**
 * What client and server both know of messages. JSON drops the members that clients keep as undefined
 * (providerMetadata, errorText, preliminary, …); of the server's, content, tool_calls, turn_id, finish_reason and
 * created_at are its own.
 */
export const common = (messages) =>
  JSON.parse(JSON.stringify(messages.map(({ id, role, parts }) => ({ id, role, parts }))));

export const textOf = (message) =>
  message.parts.filter((part) => part.type === 'text').map((part) => part.text).join('');

/** Waits until `check` returns something. */
export async function until(check, what = check.toString()) {
  for (const begun = Date.now(); Date.now() - begun < 10_000; ) {
    const found = await check();
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error(`waited in vain for ${what}`);
}
