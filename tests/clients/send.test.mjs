// Sending with every client: words, tools, errors, another answer.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, test } from 'node:test';

import { add, common, load, Person, script, textOf, VERSIONS } from './ai-sdk-clients.mjs';

for (const version of VERSIONS) {
  const sdk = await load(version);

  /** What the client holds is exactly what the server has. */
  const assertSame = async (person, chat) => {
    assert.deepEqual(chat.errors, []);
    assert.equal(chat.status, 'ready');
    const kept = await person.conversation(chat.id);
    assert.deepEqual(common(chat.messages), common(kept.messages));
    return kept;
  };

  describe(`ai ${version}`, { concurrency: true }, () => {
    test('words come and stay', async () => {
      const person = await Person.register();
      const data = [];
      const chat = person.chat(sdk, { onData: (part) => data.push(part) });
      await chat.sendMessage({ text: script('Hi', { say: 'Hello, and a line.\n\n- “ünïcode” 👩‍👩‍👧' }) });
      await chat.sendMessage({ text: script('And?', { say: 'More.' }) });
      assert.equal(textOf(chat.messages[1]), 'Hello, and a line.\n\n- “ünïcode” 👩‍👩‍👧');
      const kept = await assertSame(person, chat);
      assert.equal(kept.messages.length, 4);
      const of = (type) => data.filter((part) => part.type === type);
      assert.equal(of('data-conversation')[0].data.id, chat.id);
      assert.equal(of('data-turn')[1].data.id, chat.messages[3].id);
      assert.equal(of('data-usage')[1].data.finish_reason, 'stop');
    });

    test('tools are shown with what they did, in several steps', async () => {
      const person = await Person.register();
      const chat = person.chat(sdk);
      const both = [{ tool: 'list_tasks', input: {} }, { tool: 'complete_task', input: { task_id: 7 } }];
      await chat.sendMessage({ text: script('Add milk', add('Milk', 'One moment.'), { calls: both }, { say: 'Done.' }) });
      await assertSame(person, chat);
      const tools = chat.messages[1].parts.filter((part) => part.type.startsWith('tool-'));
      assert.deepEqual(tools.map((part) => [part.type, part.state, part.output.success]), [
        ['tool-add_task', 'output-available', true],
        ['tool-list_tasks', 'output-available', true],
        ['tool-complete_task', 'output-available', false],
      ]);
      assert.deepEqual(await person.titles(), ['Milk']);
    });

    test('a model without words is spoken for', async () => {
      const person = await Person.register();
      const chat = person.chat(sdk);
      await chat.sendMessage({ text: script('Add milk', add('Milk'), { say: '' }) });
      await assertSame(person, chat);
      assert.match(textOf(chat.messages[1]), /Milk/);
    });

    test('a chat id may be any text, and only the last message need be sent', async () => {
      const person = await Person.register();
      let conversation;
      const chat = person.chat(sdk, {
        id: sdk.ai.generateId(),
        onData: (part) => { conversation = part.data.id ?? conversation; },
        transport: {
          prepareSendMessagesRequest: ({ id, messages, trigger }) => ({ body: { id, message: messages.at(-1), trigger } }),
        },
      });
      await chat.sendMessage({ text: script('Hi', { say: 'Hello.' }) });
      const turn = chat.messages[1].id;
      const { conversation_id } = await person.get(`/turns/${turn}`);
      const kept = await person.conversation(conversation_id);
      assert.deepEqual(common(chat.messages), common(kept.messages));
    });

    test('what is wrong before the stream is a problem that can be read', async () => {
      const person = await Person.register();
      const signedOut = Object.assign(Object.create(Person.prototype), person, { headers: { Authorization: 'Bearer x.y.z' } });
      for (const [chat, text, status] of [
        [signedOut.chat(sdk), 'Hi', 401],
        [person.chat(sdk), '   ', 422],
        [person.chat(sdk), 'x'.repeat(10_001), 422],
      ]) {
        await chat.sendMessage({ text });
        assert.equal(chat.status, 'error');
        const problem = JSON.parse(chat.error.message);
        assert.equal(problem.status, status);
        assert.match(problem.detail, /^[A-Z].*\.$/);
      }
    });

    test('a chat id that somebody else has is a new chat of one\'s own', async () => {
      const [person, other] = [await Person.register(), await Person.register()];
      const theirs = other.chat(sdk);
      await theirs.sendMessage({ text: script('Hi', { say: 'A secret.' }) });
      const mine = person.chat(sdk, { id: theirs.id });
      await mine.sendMessage({ text: script('Hi', { say: 'Hello.' }) });
      assert.equal(mine.status, 'ready');
      const [kept, seen] = [await person.conversation(theirs.id), await other.conversation(theirs.id)];
      assert.equal(kept.messages.length, 2);
      assert.equal(seen.messages.length, 2);
      assert.ok(!JSON.stringify(kept).includes('A secret.'));
    });

    test('what goes wrong inside the stream is one sentence, and trying again answers', async () => {
      const person = await Person.register();
      const chat = person.chat(sdk);
      await chat.sendMessage({ text: script('Hi', { say: 'Hello.' }) });
      await chat.sendMessage({ text: script('Add milk', add('Milk'), { status: 401 }) });
      assert.equal(chat.status, 'error');
      assert.match(chat.error.message, /^[A-Z][^{}_]*\.$/);
      assert.equal(chat.messages.at(-1).parts.find((part) => part.type === 'tool-add_task').output.success, true);
      chat.messages = (await person.conversation(chat.id)).messages;
      chat.errors.length = 0;
      await chat.regenerate();
      assert.deepEqual(await person.titles(), ['Milk']);
      assert.equal(chat.status, 'error', 'the script fails again, and nothing is done twice');
    });

    test('a reply that breaks off is an error here and an answer there', async () => {
      const person = await Person.register();
      const chat = person.chat(sdk);
      await chat.sendMessage({ text: `Break off for ${version} and ${randomUUID()}` });
      assert.equal(chat.status, 'error');
      assert.match(chat.error.message, /^[A-Z][^{}_]*\.$/);
      const { messages } = await person.conversation(chat.id);
      assert.equal(textOf(messages[1]), 'The whole answer.');
    });

    test('these tests would notice a member that the oldest clients do not know', async () => {
      const person = await Person.register();
      const careless = async (url, init) => {
        const response = await fetch(url, init);
        return new Response((await response.text()).replaceAll('"type":"text-end"', '"type":"text-end","ours":1'), response);
      };
      const chat = person.chat(sdk, { transport: { fetch: careless } });
      await chat.sendMessage({ text: script('Hi', { say: 'Hello.' }) });
      assert.equal(chat.status, version.endsWith('first') ? 'error' : 'ready');
    });

    test('another answer takes the place of the last one and repeats no effect', async () => {
      const person = await Person.register();
      const chat = person.chat(sdk);
      await chat.sendMessage({ text: script('Add milk', add('Milk'), { say: 'Added.' }) });
      await chat.regenerate();
      await assertSame(person, chat);
      await chat.regenerate({ messageId: chat.messages.at(-1).id });
      const kept = await assertSame(person, chat);
      assert.equal(kept.messages.length, 2);
      assert.deepEqual(await person.titles(), ['Milk']);
    });

    test('under a key of its own another answer is given once, and so is an edit', async () => {
      const person = await Person.register();
      const chat = person.chat(sdk);
      await chat.sendMessage({ text: script('Add milk', add('Milk'), { say: 'Added.' }) });
      const headers = { 'Idempotency-Key': randomUUID() };
      for (const request of ['the first', 'the same']) {
        await chat.regenerate({ headers });
        const [task] = await person.get('/tasks');
        assert.equal(task.id, 2, `${request}: what the first answer did is taken back once`);
      }
      const { id: messageId } = chat.messages[0];
      const text = script('Add oat milk', add('Oat milk'), { say: 'Added.' });
      const edit = { headers: { 'Idempotency-Key': randomUUID() } };
      for (const request of ['the first', 'the same']) {
        await chat.sendMessage({ text, messageId }, edit);
        assert.equal(chat.status, 'ready', String(chat.error));
        assert.deepEqual((await person.get('/tasks')).map(({ id, title }) => [id, title]), [[3, 'Oat milk']], request);
      }
      await assertSame(person, chat);
    });

    test('an edited message takes the place of the old one, and what its answer did is taken back', async () => {
      const person = await Person.register();
      const chat = person.chat(sdk);
      await chat.sendMessage({ text: script('Add mlik', add('Mlik'), { say: 'Added.' }) });
      const { id: messageId } = chat.messages[0];
      await chat.sendMessage({ text: script('Add milk', add('Milk'), { say: 'Added milk.' }), messageId });
      assert.equal(chat.status, 'ready', String(chat.error));
      const kept = await assertSame(person, chat);
      assert.equal(kept.messages.length, 2);
      assert.deepEqual(await person.titles(), ['Milk']);
    });
  });
}
