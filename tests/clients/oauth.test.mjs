// Programs that are given nothing but the URL: they find out how to ask (OAuth), a person lets them in, in a real
// browser, and then they list the tools and call each.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import * as newest from '@modelcontextprotocol/client';
import { UnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { chromium } from 'playwright-core';

import { BASE_URL, Person } from './ai-sdk-clients.mjs';
import { CALLS, leavesOneTask, path, run, runNewer, TOOLS, useAll } from './mcp/tool-calls.mjs';

const URL_OF_IT = `${BASE_URL}/mcp`;

let browser;
/** Where programs have people sent back to that do not listen themselves. */
let listener;
let callback;
before(async () => {
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
  listener = createServer((_, answer) => answer.end('Go back to the program.'));
  await new Promise((resolve) => listener.listen(0, '127.0.0.1', resolve));
  callback = `http://127.0.0.1:${listener.address().port}/callback`;
});
after(async () => {
  await browser.close();
  listener.close();
});

/** What a person does where their browser is sent: they sign in and say yes. Returns where the browser is sent back to. */
async function allow(address, person, back = callback) {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(address);
  await page.getByLabel('Email').fill(person.email);
  await page.getByLabel('Password').fill(person.password);
  await page.getByRole('form').getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('button', { name: 'Allow' }).click();
  await page.waitForURL(`${back}**`);
  const reached = new URL(page.url());
  await context.close();
  return reached;
}

/** A program that keeps what it is told, in the form that both SDKs for TypeScript want. */
class Program {
  constructor(name) {
    this.redirectUrl = callback;
    this.clientMetadata = {
      client_name: name,
      redirect_uris: [callback],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
    };
  }
  state = () => (this.sent = randomUUID());
  clientInformation = () => this.client;
  saveClientInformation = (client) => void (this.client = client);
  tokens = () => this.saved;
  saveTokens = (tokens) => void (this.saved = tokens);
  redirectToAuthorization = (address) => void (this.address = address);
  saveCodeVerifier = (verifier) => void (this.verifier = verifier);
  codeVerifier = () => this.verifier;
  saveDiscoveryState = (found) => void (this.found = found);
  discoveryState = () => this.found;
  invalidateCredentials(what) {
    if (what === 'tokens' || what === 'all') this.saved = undefined;
  }
}

const connected = async (person) => (await person.get('/oauth/grants')).grants.map(({ client_name, scopes }) => [client_name, scopes]);

for (const { era, makeClient, Transport, Unauthorized, wanted } of [
  { era: 'older', makeClient: () => new Client({ name: 'a test', version: '1' }), Transport: StreamableHTTPClientTransport, Unauthorized: UnauthorizedError, wanted: (back) => back.get('code') },
  {
    era: 'newest',
    makeClient: () => new newest.Client({ name: 'a test', version: '1' }, { versionNegotiation: { mode: 'auto' } }),
    Transport: newest.StreamableHTTPClientTransport,
    Unauthorized: newest.UnauthorizedError,
    // It holds the issuer in it against the one that it asked.
    wanted: (back) => back,
  },
]) {
  test(`the TypeScript SDK of the ${era} era is let in and uses every tool`, async () => {
    const person = await Person.register('owner');
    const program = new Program(`Agent of the ${era} era`);
    const transport = () => new Transport(new URL(URL_OF_IT), { authProvider: program });
    const stranger = transport();
    await assert.rejects(makeClient().connect(stranger), Unauthorized);
    const { searchParams: back } = await allow(program.address.href, person);
    assert.equal(back.get('state'), program.sent);
    assert.equal(back.get('iss'), BASE_URL);
    await stranger.finishAuth(wanted(back));
    const client = makeClient();
    await client.connect(transport());
    await useAll(client, person);
    assert.deepEqual(await connected(person), [[`Agent of the ${era} era`, ['tasks:read', 'tasks:write']]]);

    // What is spent it renews by itself.
    const { refresh_token: first } = program.saved;
    program.saved = { ...program.saved, access_token: 'spent' };
    await client.callTool({ name: 'list_tasks', arguments: {} });
    assert.notEqual(program.saved.refresh_token, first);

    // And from the moment that it is turned out it has to ask again.
    const { grants } = await person.get('/oauth/grants');
    const answer = await fetch(person.url(`/oauth/grants/${grants[0].id}`), { method: 'DELETE', headers: person.headers });
    assert.equal(answer.status, 204);
    await assert.rejects(client.callTool({ name: 'list_tasks', arguments: {} }), Unauthorized);
    await client.close();
  });
}

for (const mode of ['legacy', 'auto']) {
  test(`the Python SDK is let in and uses every tool, mode ${mode}`, async () => {
    const person = await Person.register('owner');
    let answered = false;
    const env = { BASE_URL, CALLBACK: callback, TOOLS: JSON.stringify(TOOLS), CALLS: JSON.stringify(CALLS) };
    await run(path('../../scripts/with-python'), ['python', path('mcp/client.py'), mode], env, (text, input) => {
      const address = /^Please go to (\S+)$/m.exec(text)?.[1];
      if (!address || answered) return;
      answered = true;
      allow(address, person).then(
        (back) => input.end(`${back.href}\n`),
        () => input.end('\n'),
      );
    });
    await leavesOneTask(person);
    assert.equal((await connected(person)).length, 1);
  });
}

test('the inspector is let in and uses every tool', async () => {
  const person = await Person.register('owner');
  const inspector = path('node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js');
  const kept = await mkdtemp(join(tmpdir(), 'inspector-'));
  // It listens itself, on a port that is free a moment before.
  const probe = createServer();
  await new Promise((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const own = `http://127.0.0.1:${probe.address().port}/oauth/callback`;
  await new Promise((resolve) => probe.close(resolve));
  let answered;
  const inspect = async (...args) => {
    // Let in once, for all of these calls.
    const how = answered ? ['--stored-auth-only'] : ['--callback-url', own];
    const where = ['--cli', URL_OF_IT, '--transport', 'http', ...how];
    // Without a terminal it asks nobody, unless it may open a browser: this one does nothing.
    const env = { MCP_STORAGE_DIR: kept, MCP_INSPECTOR_SECRET_STORE: 'file', MCP_AUTO_OPEN_ENABLED: 'true', BROWSER: 'true', DISPLAY: '', WAYLAND_DISPLAY: '', HOME: kept };
    const told = await runNewer([inspector, ...where, '--method', ...args], env, (text) => {
      const address = /Please navigate to: (\S+)/.exec(text)?.[1];
      if (address) answered ??= allow(address, person, own);
    });
    await answered;
    return JSON.parse(told);
  };
  try {
    assert.deepEqual((await inspect('tools/list')).tools.map(({ name }) => name), TOOLS);
    for (const [name, given] of CALLS) {
      const pairs = Object.entries(given).flatMap(([key, value]) => ['--tool-arg', `${key}=${value}`]);
      const result = await inspect('tools/call', '--tool-name', name, ...pairs);
      assert.equal(result.structuredContent.success, true, JSON.stringify(result));
    }
    await leavesOneTask(person);
    assert.equal((await connected(person)).length, 1);
  } finally {
    await rm(kept, { recursive: true });
  }
});
