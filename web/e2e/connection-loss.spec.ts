import type { Page } from '@playwright/test';
import { FlakyProxy } from './flakyProxy';
import { expect, PASSWORD, test } from './page';

let proxy: FlakyProxy;
test.beforeEach(async ({ baseURL }) => {
  proxy = await FlakyProxy.to(baseURL!);
});
test.afterEach(() => proxy.close());

test('a connection cut in the middle of an answer is picked up, and nothing happens twice', async ({ page, todo }) => {
  await todo.register(proxy.url);
  await todo.send(todo.slow('Buy milk', 5_000));
  await expect(todo.row('Buy milk')).toBeVisible();
  proxy.cut();
  await expect(todo.answer).toContainText('Here you are.', { timeout: 20_000 });
  await todo.idle();
  await expect(page.getByText(/Added Buy milk/)).toHaveCount(1);
  await page.reload();
  await expect(todo.row('Buy milk')).toBeVisible();
  await expect(todo.list.getByRole('checkbox')).toHaveCount(1);
});

test('a sleeping server is waited for, and the message arrives once', async ({ page, todo }) => {
  await todo.register(proxy.url);
  proxy.asleep = true;
  await todo.send('Add buy milk');
  await expect(page.getByText('Waking up the server')).toBeVisible();
  proxy.asleep = false;
  await todo.idle();
  await expect(page.getByText('Waking up the server')).toBeHidden();
  await expect(todo.list.getByRole('checkbox')).toHaveCount(1);
});

test('offline is said, what was sent is kept, and goes out when the network is back', async ({ page, todo, context }) => {
  await todo.register(proxy.url);
  await todo.say('Add buy milk');
  await context.setOffline(true);
  await expect(page.getByText('You are offline. You can keep reading')).toBeVisible();
  await todo.send('Add call Jonas');
  await expect(page.getByRole('alert').filter({ hasText: 'You are offline' })).toBeVisible();
  await context.setOffline(false);
  await todo.idle();
  await expect(todo.list.getByRole('checkbox')).toHaveCount(2);
});

test('a message that never left is still there after a reload', async ({ page, todo, context }) => {
  await todo.register(proxy.url);
  await todo.say('Add buy milk');
  await context.setOffline(true);
  await todo.send('Add call Jonas');
  await expect(page.getByRole('alert').filter({ hasText: 'You are offline' })).toBeVisible();
  await page.route('**/chat/stream', (route) => route.abort());
  await context.setOffline(false);
  await page.reload();
  await expect(page.getByText('This message was not sent.')).toBeVisible();
  await page.unroute('**/chat/stream');
  await page.getByRole('button', { name: 'Try again' }).click();
  await todo.idle();
  await expect(todo.list.getByRole('checkbox')).toHaveCount(2);
});

test('not even the first message of a new conversation is lost', async ({ page, todo, context }) => {
  await todo.register(proxy.url);
  await page.route('**/chat/stream', (route) => route.abort());
  await context.setOffline(true);
  await todo.send('Add call Jonas');
  await expect(page.getByRole('alert').filter({ hasText: 'You are offline' })).toBeVisible();
  await context.setOffline(false);
  await page.reload();
  await expect(page.getByText('This message was not sent.')).toBeVisible();
  await page.unroute('**/chat/stream');
  await page.getByRole('button', { name: 'Try again' }).click();
  await todo.idle();
  await expect(todo.list.getByRole('checkbox')).toHaveCount(1);
});

test('an access token that ends in mid-conversation is renewed unseen', async ({ page, todo }) => {
  await todo.register();
  await todo.say('Add buy milk');
  const refreshed = page.waitForResponse('**/api/auth/refresh');
  await todo.spoilAccessToken();
  await todo.say('Add call Jonas');
  expect((await refreshed).status()).toBe(200);
  await expect(todo.list.getByRole('checkbox')).toHaveCount(2);
  await expect(page.getByRole('dialog')).toHaveCount(0);
});

/** As if a month had gone by. */
const endSession = (page: Page) =>
  page.evaluate(() => {
    const stored = JSON.parse(localStorage.getItem('todo-chat.session')!);
    localStorage.setItem('todo-chat.session', JSON.stringify({ ...stored, tokens: { ...stored.tokens, access: 'spent', refresh: 'spent' } }));
  });

test('an ended session asks for the password and loses nothing that was typed', async ({ page, todo }) => {
  await todo.register();
  await todo.say('Add buy milk');
  await endSession(page);
  await todo.send('Add call Jonas');
  const dialog = page.getByRole('dialog', { name: 'Please sign in again' });
  await expect(dialog).toBeVisible();
  await expect(page.getByText('Add call Jonas')).toBeVisible();
  await dialog.getByLabel('Password').fill('wrong');
  await dialog.getByRole('button', { name: 'Sign in' }).click();
  await expect(dialog.getByLabel('Password')).toHaveAttribute('aria-invalid', 'true');
  await dialog.getByLabel('Password').fill(PASSWORD);
  await dialog.getByRole('button', { name: 'Sign in' }).click();
  await todo.idle();
  await expect(todo.row('Call Jonas')).toBeVisible();
});

test('an ended session leaves an open dialog as it is, below the one that asks', async ({ page, todo }) => {
  await todo.register();
  await todo.say('Add buy milk');
  await page.getByRole('button', { name: /This conversation/ }).click();
  await page.getByLabel('Title', { exact: true }).fill('Household');
  await endSession(page);
  await page.getByRole('button', { name: 'Rename' }).click();
  const asked = page.getByRole('dialog', { name: 'Please sign in again' });
  await expect(asked.getByLabel('Password')).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(page.getByLabel('Title', { exact: true })).toHaveValue('Household');
  await asked.getByLabel('Password').fill(PASSWORD);
  await asked.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('heading', { name: 'Household' })).toBeVisible();
  await expect(page.getByRole('dialog')).toHaveCount(0);
});

test('what was typed and not sent survives a reload, per conversation', async ({ page, todo }) => {
  await todo.register();
  await todo.message.fill('Half a thought');
  await page.getByLabel('Add a task').fill('Half a task');
  await page.reload();
  await expect(todo.message).toHaveValue('Half a thought');
  await expect(page.getByLabel('Add a task')).toHaveValue('Half a task');
  await page.getByLabel('Add a task').press('Enter');
  await expect(todo.row('Half a task')).toBeVisible();
  await page.reload();
  await expect(todo.row('Half a task')).toBeVisible();
  await expect(page.getByLabel('Add a task')).toHaveValue('');
});

test('a task added and a task ticked offline survive a reload and reach the server once', async ({ page, todo, context }) => {
  await todo.register(proxy.url);
  await todo.add('Buy milk');
  await context.setOffline(true);
  await page.getByLabel('Add a task').fill('Call Jonas');
  await page.getByLabel('Add a task').press('Enter');
  await expect(page.getByRole('list', { name: 'Being added' })).toContainText('Kept on this device, not sent yet');
  await todo.row('Buy milk').getByRole('checkbox').check();
  await expect(todo.row('Buy milk')).toContainText('Kept on this device, not sent yet');

  // The page is closed before the line is back.
  const changes = ['POST', 'PATCH'];
  await page.route('**/tasks**', (route) => (changes.includes(route.request().method()) ? route.abort() : route.fallback()));
  await context.setOffline(false);
  await page.reload();
  await expect(page.getByText('Call Jonas')).toBeVisible();
  await expect(todo.row('Buy milk').getByRole('checkbox')).toBeChecked();

  await page.unroute('**/tasks**');
  await page.reload();
  await expect(todo.row('Call Jonas')).toBeVisible();
  await expect(todo.row('Buy milk')).not.toContainText('not sent yet');
  await page.reload();
  await expect(todo.row('Buy milk').getByRole('checkbox')).toBeChecked();
  await expect(todo.list.getByRole('checkbox')).toHaveCount(2);
});

test('signing out says what the server has not got yet', async ({ page, todo, context }) => {
  await todo.register(proxy.url);
  await todo.openAccount();
  await page.keyboard.press('Escape');
  await context.setOffline(true);
  await page.getByLabel('Add a task').fill('Call Jonas');
  await page.getByLabel('Add a task').press('Enter');
  await expect(page.getByText('Kept on this device, not sent yet')).toBeVisible();
  const account = await todo.openAccount();
  await account.getByRole('button', { name: 'Sign out on all devices' }).click();
  await expect(account.getByRole('alert')).toContainText('The server has not got one change');
  await account.getByRole('button', { name: 'Sign out and forget' }).click();
  await expect(page.getByRole('form', { name: 'Welcome back' })).toBeVisible();
  expect(await page.evaluate(() => Object.keys(localStorage).filter((key) => key.includes('outbox')))).toEqual([]);
});
