// Questions that wait for the person's yes, answered by every client: by card where the client knows the
// SDK's approval parts, by our data and a request where it does not, and by words everywhere.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { load, Person, post, script, textOf, until, VERSIONS } from './ai-sdk-clients.mjs';

const FOUR = { calls: [{ tool: 'delete_task', input: { task_id: [1, 2, 3, 4] } }] };

for (const version of VERSIONS) {
  const sdk = await load(version);
  const major = Number(version[0]);

  /** A chat in which the assistant has asked whether it shall delete four tasks. */
  const asked = async (options = {}) => {
    const person = await Person.register();
    for (const title of ['Milk', 'Eggs', 'Bread', 'Tea']) {
      await fetch(person.url('/tasks'), post({ title }, person.headers));
    }
    const data = [];
    const chat = person.chat(sdk, {
      onData: (part) => data.push(part),
      sendAutomaticallyWhen: sdk.ai.lastAssistantMessageIsCompleteWithApprovalResponses,
      transport: { api: person.url(`/chat/stream?ai=${major}`) },
      ...options,
    });
    await chat.sendMessage({ text: script('Delete them', FOUR, { say: 'Shall I?' }) });
    assert.deepEqual(chat.errors, []);
    const approval = data.find((part) => part.type === 'data-approval').data;
    assert.equal((await person.titles()).length, 4);
    return { person, chat, approval };
  };

  const tool = (chat) => chat.messages[1].parts.find((part) => part.type === 'tool-delete_task');

  describe(`approvals, ai ${version}`, { concurrency: true }, () => {
    test('a yes in words is carried out', async () => {
      const { person, chat } = await asked();
      await chat.sendMessage({ text: 'Yes.' });
      assert.deepEqual(chat.errors, []);
      assert.deepEqual(await person.titles(), []);
      assert.match(textOf(chat.messages.at(-1)), /deleted/);
    });

    if (major < 6) {
      test('a client without approval parts answers by a request', async () => {
        const { person, chat, approval } = await asked();
        assert.equal(tool(chat).state, 'output-available');
        assert.equal(tool(chat).output.approval.id, approval.id);
        const yes = post({ decision: 'approve', arguments: tool(chat).input }, person.headers);
        const answer = await fetch(person.url(`/approvals/${approval.id}`), yes);
        assert.equal((await answer.json()).state, 'approved');
        assert.deepEqual(await person.titles(), []);
      });
    } else {
      test('a card is answered with yes', async () => {
        const { person, chat, approval } = await asked();
        assert.equal(tool(chat).state, 'approval-requested');
        assert.equal(tool(chat).approval.id, approval.id);
        await chat.addToolApprovalResponse({ id: approval.id, approved: true });
        await until(() => tool(chat).state === 'output-available', 'the result of the call');
        await until(() => chat.status === 'ready', 'the end of the stream');
        assert.deepEqual(chat.errors, []);
        assert.equal(chat.messages.length, 2, 'it is the same message');
        assert.equal(tool(chat).output.results.length, 4);
        assert.deepEqual(await person.titles(), []);
        const kept = await person.conversation(chat.id);
        assert.deepEqual(kept.messages[1].tool_calls[0].result, tool(chat).output);
      });

      test('a card is answered with no', async () => {
        const { person, chat, approval } = await asked();
        await chat.addToolApprovalResponse({ id: approval.id, approved: false });
        await until(() => tool(chat).state === 'output-denied', 'the end of the call');
        await until(() => chat.status === 'ready', 'the end of the stream');
        assert.deepEqual(chat.errors, []);
        assert.equal((await person.titles()).length, 4);
      });

      test('a card that shows other arguments is refused', async () => {
        const { person, chat, approval } = await asked();
        tool(chat).input.task_id = [1];
        await chat.addToolApprovalResponse({ id: approval.id, approved: true });
        await until(() => chat.status === 'error', 'a refusal');
        assert.equal(JSON.parse(chat.error.message).code, 'approval_mismatch');
        assert.equal((await person.titles()).length, 4);
      });
    }
  });
}
