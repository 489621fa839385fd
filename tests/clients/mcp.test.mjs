// Programs with a model of their own, by the Model Context Protocol: the official conformance suite for both
// eras of the protocol, and the official clients, which list the tools and call each.
import assert from 'node:assert/strict';
import { createServer, request } from 'node:http';
import { after, before, test } from 'node:test';

import * as newest from '@modelcontextprotocol/client';
import { StdioClientTransport as NewestStdio } from '@modelcontextprotocol/client/stdio';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

import { BASE_URL, Person, post } from './ai-sdk-clients.mjs';
import { CALLS, leavesOneTask, path, run, runNewer, TOOLS, useAll } from './mcp/tool-calls.mjs';

/** Somebody with a token for programs. */
async function owner() {
  const person = await Person.register('owner');
  const fields = { name: 'a program', scopes: ['tasks:read', 'tasks:write'], expires_in_days: 1 };
  const answer = await fetch(person.url('/tokens'), post(fields, person.headers));
  assert.equal(answer.status, 201);
  const { id, token } = await answer.json();
  return Object.assign(person, { pat: token, patId: id });
}

/** The suite sends no token: this adds one to what it sends, and changes nothing else. */
let door;
before(async () => {
  const { pat } = await owner();
  const { hostname, port } = new URL(BASE_URL);
  door = createServer((incoming, outgoing) => {
    const headers = { ...incoming.headers, authorization: `Bearer ${pat}` };
    const forwarded = request({ hostname, port, method: incoming.method, path: incoming.url, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode, answer.headers);
      answer.pipe(outgoing);
    });
    incoming.pipe(forwarded);
  });
  await new Promise((resolve) => door.listen(0, '127.0.0.1', resolve));
});
after(() => door.close());

for (const revision of ['2025-11-25', '2026-07-28']) {
  test(`the conformance suite for ${revision} passes, but for what its own example server has`, async () => {
    const suite = path('node_modules/@modelcontextprotocol/conformance/dist/index.js');
    const known = path(`mcp/expected-failures-${revision}.yml`);
    const url = `http://localhost:${door.address().port}/mcp`;
    const args = ['server', '--url', url, '--requirements', revision, '--expected-failures', known];
    const told = await runNewer([suite, ...args]);
    const passed = Number(/Total: (\d+) passed/.exec(told)?.[1]);
    // 2026-07-28 asks for more: how requests that stand for themselves are read and refused.
    assert.ok(passed >= (revision === '2025-11-25' ? 37 : 103), told);
  });
}

test('the TypeScript SDK of the older era uses every tool', async () => {
  const person = await owner();
  const client = new Client({ name: 'a test', version: '1' });
  const requestInit = { headers: { Authorization: `Bearer ${person.pat}` } };
  await client.connect(new StreamableHTTPClientTransport(new URL(`${BASE_URL}/mcp`), { requestInit }));
  assert.equal(client.getServerVersion().name, 'todo-ai-chatbot');
  await useAll(client, person);
  await client.close();
});

test('the TypeScript SDK of the newest era uses every tool', async () => {
  const person = await owner();
  const client = new newest.Client({ name: 'a test', version: '1' }, { versionNegotiation: { mode: 'auto' } });
  const requestInit = { headers: { Authorization: `Bearer ${person.pat}` } };
  await client.connect(new newest.StreamableHTTPClientTransport(new URL(`${BASE_URL}/mcp`), { requestInit }));
  assert.equal(client.getNegotiatedProtocolVersion(), '2026-07-28');
  await useAll(client, person);
  await client.close();
});

for (const [era, makeClient, Stdio] of [
  ['older', () => new Client({ name: 'a test', version: '1' }), StdioClientTransport],
  ['newest', () => new newest.Client({ name: 'a test', version: '1' }, { versionNegotiation: { mode: 'auto' } }), NewestStdio],
]) {
  test(`by way of a process of its own a client of the ${era} era uses every tool`, async () => {
    const person = await owner();
    const client = makeClient();
    const env = { TODO_SERVER: BASE_URL, TODO_TOKEN: person.pat };
    await client.connect(new Stdio({ command: process.env.BINARY, args: ['mcp'], env }));
    await useAll(client, person);
    await fetch(person.url('/tokens/' + person.patId), { method: 'DELETE', headers: person.headers });
    await assert.rejects(client.callTool({ name: 'list_tasks', arguments: {} }), /TODO_TOKEN is not valid/);
    await client.close();
  });
}

test('the inspector uses every tool', async () => {
  const person = await owner();
  const inspector = path('node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js');
  const inspect = async (...args) => {
    const where = ['--cli', `${BASE_URL}/mcp`, '--transport', 'http', '--header', `Authorization: Bearer ${person.pat}`];
    return JSON.parse(await runNewer([inspector, ...where, '--method', ...args]));
  };
  assert.deepEqual((await inspect('tools/list')).tools.map(({ name }) => name), TOOLS);
  for (const [name, given] of CALLS) {
    const pairs = Object.entries(given).flatMap(([key, value]) => ['--tool-arg', `${key}=${value}`]);
    const result = await inspect('tools/call', '--tool-name', name, ...pairs);
    assert.equal(result.structuredContent.success, true, JSON.stringify(result));
  }
  await leavesOneTask(person);
});

for (const mode of ['legacy', 'auto']) {
  test(`the Python SDK uses every tool, mode ${mode}`, async () => {
    const person = await owner();
    const env = { BASE_URL, TODO_TOKEN: person.pat, TOOLS: JSON.stringify(TOOLS), CALLS: JSON.stringify(CALLS) };
    await run(path('../../scripts/with-python'), ['python', path('mcp/client.py'), mode], env);
    await leavesOneTask(person);
  });
}
