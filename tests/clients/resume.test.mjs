// Going on after a lost connection, and stopping, with every client.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { add, common, load, Person, REPLICA_URL, script, textOf, until, VERSIONS } from './ai-sdk-clients.mjs';

/** Fetches, and loses the connection once, as soon as the stream has said `mark`. */
const losing = (mark) => {
  let isLost = false;
  return async (url, init) => {
    const response = await fetch(url, init);
    let seen = '';
    const lossy = new TransformStream({
      transform(piece, controller) {
        seen += new TextDecoder().decode(piece);
        controller.enqueue(piece);
        if (isLost || !seen.includes(mark)) return;
        isLost = true;
        controller.error(new TypeError('network error'));
      },
    });
    return new Response(response.body.pipeThrough(lossy), response);
  };
};

const silent = 'Add milk and fall silent';
const slowly = script('Add milk', add('Milk', 'One moment.'), { say: 'Added it.', delay_ms: 700 });

for (const version of VERSIONS) {
  const sdk = await load(version);

  /** Goes on with a turn whose model has fallen silent, and stops it, so that nothing depends on time. */
  const resumed = async (person, chat, seen = 'It is ') => {
    const resuming = chat.resumeStream();
    await until(() => chat.messages[1] && textOf(chat.messages[1]).includes(seen), `words at ${chat.messages.length}`);
    await until(() => chat.messages[1].parts.some((part) => part.state === 'output-available'), 'a tool');
    assert.equal((await person.stop(chat.id)).status, 200);
    await resuming;
    assert.deepEqual([chat.status, chat.errors], ['ready', []]);
    assert.deepEqual(common(chat.messages), common((await person.conversation(chat.id)).messages));
    assert.equal(textOf(chat.messages[1]), 'Adding it.It is ');
    assert.deepEqual(await person.titles(), ['Milk']);
  };

  describe(`ai ${version}`, { concurrency: true }, () => {
    for (const mark of ['stream-open', '"start-step"', 'Adding ', '"tool-output-available"', '"is "']) {
      test(`a page that is loaded anew after ${mark} goes on`, async () => {
        const person = await Person.register();
        const first = person.chat(sdk, { transport: { fetch: losing(mark) } });
        await first.sendMessage({ text: silent });
        await resumed(person, person.chat(sdk, { id: first.id, messages: await person.loaded(first.id) }));
      });
    }

    test('a page that stays goes on in a chat made anew', async () => {
      const person = await Person.register();
      const chat = person.chat(sdk, { transport: { fetch: losing('"tool-output-available"') } });
      await chat.sendMessage({ text: silent });
      assert.ok(chat.errors.length > 0, 'the page learns of it');
      // In the same chat 5.0.277 would take the replay for more of the message that it has.
      await resumed(person, person.chat(sdk, { id: chat.id, messages: await person.loaded(chat.id) }));
    });

    test('a page goes on through another replica', async () => {
      const person = await Person.register();
      const first = person.chat(sdk, { transport: { fetch: losing('"is "') } });
      await first.sendMessage({ text: silent });
      const messages = await person.loaded(first.id);
      await resumed(person, person.chat(sdk, { id: first.id, messages, resumeAt: REPLICA_URL }), 'Adding it.');
    });

    test('where nothing runs there is nothing to resume', async () => {
      const person = await Person.register();
      const chat = person.chat(sdk);
      await chat.resumeStream();
      // 5.0.0 forgets to become ready: one more reason to resume only when `running_turn_id` says that something runs.
      const status = version === '5-first' ? 'submitted' : 'ready';
      assert.deepEqual([chat.status, chat.errors, chat.messages], [status, [], []]);
    });

    for (const [where, base] of [['here', undefined], ['through another replica', REPLICA_URL]]) {
      test(`stopping ${where} keeps what was said`, async () => {
        const person = await Person.register();
        const chat = person.chat(sdk);
        const sent = chat.sendMessage({ text: silent });
        await until(() => chat.messages[1] && textOf(chat.messages[1]).endsWith('is '), 'words');
        const begun = Date.now();
        assert.equal((await person.stop(chat.id, base)).status, 200);
        await sent;
        assert.ok(Date.now() - begun < 2000, `${Date.now() - begun} ms`);
        assert.deepEqual([chat.status, chat.errors], ['ready', []]);
        const kept = await person.conversation(chat.id);
        assert.deepEqual(common(chat.messages), common(kept.messages));
        assert.equal(kept.messages[1].finish_reason, 'cancelled');
        assert.equal((await person.stop(chat.id)).status, 204);
        await chat.sendMessage({ text: script('Go on', { say: 'Where were we?' }) });
        assert.deepEqual(common(chat.messages), common((await person.conversation(chat.id)).messages));
      });
    }

    test("the client's own stop only lets go of the line", async () => {
      const person = await Person.register();
      const chat = person.chat(sdk);
      const sent = chat.sendMessage({ text: slowly });
      await until(() => chat.messages[1]?.parts.some((part) => part.state === 'output-available'), 'a tool');
      await chat.stop();
      await sent;
      assert.equal(chat.status, 'ready');
      const kept = await person.conversation(chat.id);
      assert.equal(textOf(kept.messages[1]), 'One moment.Added it.');
    });
  });
}
