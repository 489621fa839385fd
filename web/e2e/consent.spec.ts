import { createHash, randomBytes } from 'node:crypto';
import type { Page } from '@playwright/test';
import { expect, PASSWORD, test, type TodoPage } from './page';

/** Where the program of these tests has the browser sent back to: nobody listens there, the test answers. */
const CALLBACK = 'http://127.0.0.1:43117/callback';

interface Program {
  /** What it sends the browser to. */
  address: string;
  /** Changes what the browser brought back into tokens. */
  redeem(code: string): Promise<{ access_token: string; scope: string }>;
}

/** A program that registers itself, and asks for everything that can be asked for. */
async function register(page: Page, name = 'Agent'): Promise<Program> {
  await page.route(`${CALLBACK}**`, (route) => route.fulfill({ contentType: 'text/html', body: '<title>Agent</title>The agent goes on.' }));
  const fields = { client_name: name, redirect_uris: [CALLBACK], grant_types: ['authorization_code', 'refresh_token'], response_types: ['code'], token_endpoint_auth_method: 'none' };
  const registered = await page.request.post('/oauth/register', { data: fields });
  expect(registered.status()).toBe(201);
  const { client_id } = await registered.json();
  const verifier = randomBytes(32).toString('base64url');
  const code_challenge = createHash('sha256').update(verifier).digest('base64url');
  const asked = { response_type: 'code', client_id, redirect_uri: CALLBACK, scope: 'tasks:read tasks:write', state: 'the state', code_challenge, code_challenge_method: 'S256' };
  return {
    address: `/oauth/authorize?${new URLSearchParams(asked)}`,
    async redeem(code) {
      const form = { grant_type: 'authorization_code', code, client_id, redirect_uri: CALLBACK, code_verifier: verifier };
      const answer = await page.request.post('/oauth/token', { form });
      expect(answer.status()).toBe(200);
      return answer.json();
    },
  };
}

/** Where the browser was sent back to. */
async function sentBack(page: Page): Promise<URLSearchParams> {
  await page.waitForURL(`${CALLBACK}**`);
  return new URL(page.url()).searchParams;
}

async function signIn(page: Page, todo: TodoPage) {
  const form = page.getByRole('form', { name: 'Welcome back' });
  await form.getByLabel('Email').fill(todo.email);
  await form.getByLabel('Password').fill(PASSWORD);
  await form.getByLabel('Password').press('Enter');
}

const makeAccount = (page: Page, todo: TodoPage) => page.request.post('/api/auth/register', { data: { email: todo.email, password: PASSWORD, name: 'Mira Lindqvist' } });

/** What a program is answered that calls a tool. */
async function callTool(page: Page, token: string, name: string, args: object) {
  const headers = { authorization: `Bearer ${token}`, accept: 'application/json, text/event-stream' };
  const data = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: args } };
  return page.request.post('/mcp', { headers, data });
}

test('a program is let in to read alone, by who signs in on the way, and is turned out again', async ({ page, todo }) => {
  await makeAccount(page, todo);
  const program = await register(page, 'Агент <b>7</b>');
  await page.goto(program.address);
  await expect(page.getByRole('heading', { name: 'Connect Агент <b>7</b> to your list?' })).toBeVisible();
  await expect(page.getByText('Any program on this device can call itself “Агент <b>7</b>”.')).toBeVisible();
  await todo.hasNoAxeViolations('a program asks who is not signed in');
  await signIn(page, todo);

  const form = page.getByRole('form', { name: 'What it may do' });
  await expect(form.getByText(todo.email)).toBeVisible();
  const [see, change] = [form.getByRole('checkbox', { name: 'See tasks' }), form.getByRole('checkbox', { name: 'Change tasks' })];
  await expect(see).toBeChecked();
  await todo.hasNoAxeViolations('a program asks');
  // By keyboard: nothing, which is no answer, and then reading alone.
  await see.focus();
  await page.keyboard.press('Space');
  await page.keyboard.press('Tab');
  await expect(change).toBeFocused();
  await page.keyboard.press('Space');
  await form.getByRole('button', { name: 'Allow' }).press('Enter');
  await expect(form.getByRole('alert')).toHaveText('Tick at least one thing that the program may do.');
  await expect(form.getByRole('button', { name: 'Allow' })).toBeFocused();
  await todo.hasNoAxeViolations('nothing is ticked');
  await see.check();
  await form.getByRole('button', { name: 'Allow' }).press('Enter');

  const back = await sentBack(page);
  expect([back.get('state'), back.get('error')]).toEqual(['the state', null]);
  const { access_token: token, scope } = await program.redeem(back.get('code')!);
  expect(scope).toBe('tasks:read');
  expect((await callTool(page, token, 'list_tasks', {})).status()).toBe(200);
  const asked = await (await callTool(page, token, 'add_task', { title: 'Not allowed' })).json();
  expect(asked.result.structuredContent.code).toBe('NOT_ALLOWED');

  await page.goto('/');
  await expect(page.getByText('Not allowed', { exact: true })).toHaveCount(0);
  await (await todo.openAccount()).getByRole('button', { name: 'Programs and devices' }).click();
  const opened = page.getByRole('dialog', { name: 'Programs and devices' });
  const entry = opened.getByRole('list', { name: 'Connected programs' }).getByRole('listitem');
  await expect(entry).toContainText('Агент <b>7</b>');
  await expect(entry).toContainText('May see tasks');
  await expect(opened.getByText('No program has a token.')).toBeVisible();
  await todo.hasNoAxeViolations('a connected program');
  await entry.getByRole('button', { name: 'Disconnect Агент <b>7</b>…' }).press('Enter');
  await page.keyboard.press('Enter');
  await expect(entry).toHaveCount(0);
  await expect(opened.getByRole('heading', { name: 'Connected programs' })).toBeFocused();
  expect((await callTool(page, token, 'list_tasks', {})).status()).toBe(401);
});

test('no is an answer too, and it is given by who one says one is', async ({ page, todo }) => {
  await todo.register();
  const program = await register(page);
  await page.goto(program.address);
  await page.getByRole('button', { name: 'Not you? Sign out' }).click();
  await signIn(page, todo);
  await page.getByRole('button', { name: 'Deny' }).click();
  const back = await sentBack(page);
  expect([back.get('error'), back.get('state'), back.get('code')]).toEqual(['access_denied', 'the state', null]);
});

test('who is to sign in again in between goes on with what they said', async ({ page, todo }) => {
  await todo.register();
  const program = await register(page);
  await page.goto(program.address);
  await expect(page.getByRole('button', { name: 'Allow' })).toBeVisible();
  await todo.spoilAccessToken();
  await page.route('**/api/auth/refresh', (route) => route.fulfill({ status: 401, contentType: 'application/problem+json', body: '{"detail":"over","code":"invalid_refresh_token"}' }));
  await page.getByRole('button', { name: 'Allow' }).click();
  await expect(page.getByText('Your session has ended. Sign in again to go on.')).toBeVisible();
  await signIn(page, todo);
  expect((await sentBack(page)).get('code')).toBeTruthy();
});

test('the way to a provider and back ends where it began', async ({ page, todo }) => {
  const answer = await (await makeAccount(page, todo)).json();
  const program = await register(page);
  await page.route('**/api/info', (route) => route.fulfill({ json: { version: '3.0.0', model: { name: 'stand-in', stand_in: true }, models: ['stand-in'], mail: false, sign_in_with: ['google'] } }));
  await page.goto(program.address);
  const base = new URL('/', page.url()).href;
  await page.route('**/api/auth/google/url', (route) => route.fulfill({ json: { provider: 'google', auth_url: `${base}?code=the-code&state=of-google` } }));
  await page.route('**/api/auth/google/callback', (route) => route.fulfill({ json: answer }));
  await page.getByRole('button', { name: 'Sign in with Google' }).click();
  await page.getByRole('button', { name: 'Allow' }).click();
  const back = await sentBack(page);
  expect((await program.redeem(back.get('code')!)).scope).toBe('tasks:read tasks:write');
});

test('what is wrong is said in a sentence, and can be tried again', async ({ page, todo }) => {
  await todo.register();
  const program = await register(page);
  const refuse = (status: number, detail: string) => ({ status, contentType: 'application/problem+json', body: JSON.stringify({ title: 'No', status, detail, code: 'bad_request' }) });
  await page.route('**/api/oauth/authorization?**', (route) => route.fulfill(refuse(400, 'This program asks for something that there is not.')), { times: 1 });
  await page.goto(program.address);
  await expect(page.getByRole('heading', { name: 'This program cannot be connected' })).toBeVisible();
  await expect(page.getByRole('alert')).toHaveText('This program asks for something that there is not.');
  await todo.hasNoAxeViolations('a program that cannot be connected');
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.route('**/oauth/authorizations', (route) => route.fulfill(refuse(500, 'Not now.')), { times: 1 });
  await page.getByRole('button', { name: 'Allow' }).press('Enter');
  await expect(page.getByRole('alert')).toHaveText('Not now.');
  await page.keyboard.press('Enter');
  await sentBack(page);
});

test.describe('on a phone', () => {
  test.use({ viewport: { width: 320, height: 640 }, hasTouch: true, isMobile: true });

  test('nothing is wider than the screen, and targets are large enough', async ({ page, todo }) => {
    await makeAccount(page, todo);
    const program = await register(page, `Agent${'of-a-very-long-name'.repeat(4)}`);
    await page.goto(program.address);
    await signIn(page, todo);
    await expect(page.getByRole('button', { name: 'Allow' })).toBeVisible();
    await todo.hasNoAxeViolations('a program asks on a phone');
    const main = page.getByRole('main');
    const wide = await main.evaluate((one) => [...one.querySelectorAll('*')].filter((part) => part.clientWidth > 0 && part.scrollWidth > part.clientWidth + 1 && !part.matches('input, .sr-only')).map((part) => part.outerHTML.slice(0, 80)));
    expect(wide).toEqual([]);
    const small = await main.evaluate((one) => [...one.querySelectorAll('button, label:has(input[type=checkbox])')].filter((part) => part.getBoundingClientRect().height < 43.5).map((part) => part.textContent));
    expect(small).toEqual([]);
    await page.getByRole('button', { name: 'Allow' }).tap();
    expect((await sentBack(page)).get('code')).toBeTruthy();
  });
});
