// Photographs every state of the page at three widths, light and dark, into screenshots/ (ignored by git).
// Needs a running server: BASE_URL, or http://127.0.0.1:7860. STATES=chat,account takes only some of them.
import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { chromium } from '@playwright/test';

const BASE = process.env.BASE_URL ?? 'http://127.0.0.1:7860';
const OUT = new URL('../screenshots/', import.meta.url).pathname;
const WIDTHS = [
  { width: 390, height: 844, phone: true },
  { width: 820, height: 1180, phone: true },
  { width: 1280, height: 800, phone: false },
];
const PASSWORD = 'correct horse battery';
const wanted = process.env.STATES?.split(',');

mkdirSync(OUT, { recursive: true });
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
const trouble = [];

for (const scheme of ['light', 'dark']) {
  for (const { width, height, phone } of WIDTHS) {
    const context = await browser.newContext({ viewport: { width, height }, colorScheme: scheme, hasTouch: phone, reducedMotion: 'reduce', serviceWorkers: 'block', deviceScaleFactor: width === 390 ? 2 : 1 });
    const page = await context.newPage();
    page.on('console', (message) => message.type() === 'error' && trouble.push(`${width} ${scheme}: ${message.text()}`));
    const shoot = async (name) => {
      if (wanted && !wanted.includes(name)) return;
      await page.waitForTimeout(250);
      await page.screenshot({ path: `${OUT}${name}-${width}-${scheme}.png` });
    };
    await walk(page, shoot, width < 768, phone);
    await context.close();
    console.log(`${width} ${scheme}`);
  }
}
await browser.close();
for (const line of new Set(trouble)) console.error(line);

async function walk(page, shoot, narrow, touch) {
  const show = (pane) => narrow && page.getByRole('navigation').getByRole('button', { name: pane }).click();
  const say = async (text) => {
    await page.getByLabel('Message', { exact: true }).fill(text);
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Answer again' }).waitFor();
  };

  await page.goto(BASE);
  await shoot('sign-in');
  await page.getByLabel('Name (optional)').fill('Mira Lindqvist');
  await page.getByLabel('Email').fill(`shot-${Date.now()}-${Math.random().toString(36).slice(2)}@example.com`);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Create account' }).click();
  await page.getByRole('heading', { name: 'Hello, Mira' }).waitFor();
  await shoot('empty');
  await show('List');
  await shoot('empty-list');
  const lines = { 'Book a table': ' for tomorrow 19:30 #out !high', 'Renew the passport': ' !medium', 'Send Jonas the photos': ' today', 'Buy new running shoes': '', 'Water the plants': ' every weekday #home' };
  for (const [title, more] of Object.entries(lines)) {
    await page.getByLabel('Add a task').fill(title + more);
    if (title === 'Book a table') {
      await page.getByRole('list', { name: 'Read out of what you typed' }).waitFor();
      await shoot('chips');
    }
    await page.keyboard.press('Enter');
    await page.getByLabel(title, { exact: true }).waitFor();
  }
  await page.getByRole('button', { name: 'Edit task 2: Renew the passport' }).click();
  await page.getByLabel('Date').fill(yesterday());
  await page.getByLabel('Description').fill('Photo is in the drawer; the office opens at nine.');
  await shoot('edit-task');
  await page.getByRole('button', { name: 'Edit task 1: Book a table' }).click();
  await shoot('edit-kept');
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('button', { name: /Edit task 2/ }).click();
  await page.getByRole('button', { name: 'Save' }).click();
  await show('Chat');
  await say('Add two tasks: buy milk and water the plants');
  await say('Mark task 1 as done');
  await shoot('chat');
  await page.getByRole('button', { name: /^Undo “Added/ }).last().click();
  await page.getByRole('button', { name: /^Redo “Added/ }).waitFor();
  await shoot('undone');
  await page.getByRole('button', { name: /^Redo “Added/ }).click();
  await page.getByRole('button', { name: /^Redo “Added/ }).waitFor({ state: 'hidden' });
  await say('Rename task 3 to Send Jonas the photos of the lake');
  await page.locator('summary').last().click();
  await shoot('tool-change');
  await say('What is on my list?');
  await page.locator('summary').last().click();
  await shoot('tool-open');
  await show('List');
  await shoot('list');
  await page.getByLabel('Order of the list').selectOption('By hand');
  await shoot('by-hand');
  await page.getByRole('button', { name: /Edit task 5/ }).click();
  for (const title of ['The ferns', 'The orchid']) {
    await page.getByLabel('Add a subtask').fill(title);
    await page.keyboard.press('Enter');
    await page.getByLabel(title, { exact: true }).waitFor();
  }
  await page.getByRole('button', { name: 'Cancel' }).click();
  await shoot('subtasks');
  if (touch) await page.getByRole('button', { name: /Edit task 4/ }).click();
  await page.getByRole('button', { name: /Delete task 4/ }).click();
  await shoot('undo');
  await page.context().setOffline(true);
  await page.getByLabel('Add a task').fill('Feed the cat');
  await page.keyboard.press('Enter');
  await page.getByLabel('Send Jonas the photos of the lake', { exact: true }).click();
  await page.getByText('not sent yet').nth(1).waitFor();
  await shoot('offline');
  await page.context().setOffline(false);
  await page.getByText('not sent yet').first().waitFor({ state: 'hidden' });
  await page.getByLabel('Search your list').fill('zebra');
  await shoot('search-empty');
  await page.getByLabel('Search your list').fill('');
  await show('Chat');
  await page.getByRole('button', { name: 'Conversations' }).click();
  await page.getByRole('dialog').getByRole('listitem').first().waitFor();
  await shoot('conversations');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+KeyK');
  await page.getByRole('group', { name: 'Conversations' }).waitFor();
  await shoot('commands');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: /This conversation/ }).click();
  await shoot('conversation');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Account and settings' }).click();
  await shoot('account');
  await page.getByRole('button', { name: 'Activity' }).click();
  await page.getByRole('dialog', { name: 'Activity' }).getByRole('listitem').first().waitFor();
  await shoot('activity');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Account and settings' }).click();
  await page.getByRole('button', { name: 'Programs and devices' }).click();
  await page.getByText('No program has a token.').waitFor();
  await shoot('programs');
  await consent(page, shoot);
  await page.getByRole('button', { name: 'New token…' }).click();
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Backup script');
  await shoot('token-new');
  await page.getByRole('button', { name: 'Make the token' }).click();
  await page.getByRole('button', { name: 'Copy token' }).waitFor();
  await shoot('token-made');
  await page.getByRole('button', { name: 'Revoke Backup script…' }).click();
  await shoot('token-revoke');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Account and settings' }).click();
  await page.getByRole('button', { name: 'Keyboard shortcuts' }).click();
  await shoot('shortcuts');
  await page.keyboard.press('Escape');

  await page.getByRole('button', { name: 'New chat' }).click();
  await page.getByLabel('Message', { exact: true }).fill('What is on my list?');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Stop the answer' }).waitFor();
  await shoot('answering');
  await page.getByRole('button', { name: 'Answer again' }).waitFor();

  await page.route('**/chat/stream', (route) => route.fulfill({ status: 503, contentType: 'application/problem+json', headers: { 'retry-after': '5' }, body: JSON.stringify({ title: 'Unavailable', status: 503, detail: 'The language model cannot be reached right now.', code: 'model_unavailable' }) }));
  await page.getByLabel('Message', { exact: true }).fill('Remind me to call Jonas');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Try again' }).waitFor();
  await shoot('trouble');

  await page.route('**/api/**', (route) => route.fulfill({ status: 503, contentType: 'text/html', body: 'waking' }));
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByText('Waking up the server').waitFor();
  await shoot('waking');
  await page.unroute('**/api/**');
  await page.unroute('**/chat/stream');
  await page.getByText('Waking up the server').waitFor({ state: 'hidden' });

  await page.route('**/api/auth/refresh', (route) => route.fulfill({ status: 401, contentType: 'application/problem+json', body: '{"detail":"over","code":"invalid_refresh_token"}' }));
  await page.evaluate(() => {
    const stored = JSON.parse(localStorage.getItem('todo-chat.session'));
    localStorage.setItem('todo-chat.session', JSON.stringify({ ...stored, tokens: { ...stored.tokens, access: 'spent' } }));
  });
  await page.reload();
  await page.getByRole('dialog', { name: 'Please sign in again' }).waitFor();
  await shoot('expired');
}

/** A program asks to be let in, and is shown among the connected ones. */
async function consent(page, shoot) {
  const redirect = 'http://127.0.0.1:43117/callback';
  await page.route(`${redirect}**`, (route) => route.fulfill({ contentType: 'text/html', body: 'The agent goes on.' }));
  const fields = { client_name: 'Agent', redirect_uris: [redirect], token_endpoint_auth_method: 'none' };
  const { client_id } = await (await page.request.post(`${BASE}/oauth/register`, { data: fields })).json();
  const verifier = 'v'.repeat(43);
  const challenge = createHash('sha256').update(verifier).digest('base64url');
  const query = new URLSearchParams({ response_type: 'code', client_id, redirect_uri: redirect, code_challenge: challenge, code_challenge_method: 'S256' });
  await page.goto(`${BASE}/oauth/authorize?${query}`);
  await page.getByRole('button', { name: 'Allow' }).waitFor();
  await shoot('consent');
  await page.getByRole('button', { name: 'Allow' }).click();
  await page.waitForURL(`${redirect}**`);
  const code = new URL(page.url()).searchParams.get('code');
  await page.request.post(`${BASE}/oauth/token`, { form: { grant_type: 'authorization_code', client_id, code, redirect_uri: redirect, code_verifier: verifier } });
  await page.goto(BASE);
  await page.getByRole('button', { name: 'Account and settings' }).click();
  await page.getByRole('button', { name: 'Programs and devices' }).click();
  await page.getByRole('list', { name: 'Connected programs' }).waitFor();
  await shoot('connected');
}

/** As a date field wants it. */
function yesterday() {
  const day = new Date();
  day.setDate(day.getDate() - 1);
  const two = (number) => String(number).padStart(2, '0');
  return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`;
}
