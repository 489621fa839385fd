import { FlakyProxy } from './flakyProxy';
import { expect, test } from './page';

test.use({ serviceWorkers: 'allow' });

let proxy: FlakyProxy;
test.beforeEach(async ({ baseURL }) => {
  proxy = await FlakyProxy.to(baseURL!);
});
test.afterEach(() => proxy.close());

test('without a line the page opens, shows the last known list, and keeps what is done to it', async ({ page, todo, context }) => {
  await todo.register(proxy.url);
  await todo.add('Buy milk');
  await page.evaluate(async () => void (await navigator.serviceWorker.ready));
  // The list is on the device from the moment the page is left.
  await page.reload();
  await expect(todo.row('Buy milk')).toBeVisible();

  await context.setOffline(true);
  proxy.asleep = true;
  await page.reload();
  await expect(todo.row('Buy milk')).toBeVisible();
  await expect(page.getByText('You are offline. You can keep reading')).toBeVisible();
  await todo.row('Buy milk').getByRole('checkbox').check();
  await page.getByLabel('Add a task').fill('Call Jonas');
  await page.getByLabel('Add a task').press('Enter');
  await expect(page.getByRole('list', { name: 'Being added' })).toContainText('Kept on this device, not sent yet');
  // Also what is not part of the first load.
  const account = await todo.openAccount();
  await expect(account.getByText(todo.email)).toBeVisible();

  await page.reload();
  await expect(page.getByText('Call Jonas')).toBeVisible();
  await expect(todo.row('Buy milk').getByRole('checkbox')).toBeChecked();

  proxy.asleep = false;
  await context.setOffline(false);
  await expect(todo.row('Call Jonas')).toBeVisible();
  await page.reload();
  await expect(todo.list.getByRole('checkbox')).toHaveCount(2);
  await expect(todo.row('Buy milk').getByRole('checkbox')).toBeChecked();
});

test('the service worker keeps nothing of anybody, and signing out leaves no list', async ({ page, todo }) => {
  await todo.register();
  await todo.add('Buy milk');
  await page.evaluate(async () => void (await navigator.serviceWorker.ready));
  await page.reload();
  await expect(todo.row('Buy milk')).toBeVisible();
  const kept = await page.evaluate(async () => {
    const names = await caches.keys();
    const requests = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
    return requests.flat().map((request) => new URL(request.url).pathname);
  });
  expect(kept).toContain('/');
  expect(kept.filter((path) => path.startsWith('/api') || path.startsWith('/docs'))).toEqual([]);

  const account = await todo.openAccount();
  await account.getByRole('button', { name: 'Sign out', exact: true }).click();
  await expect(page.getByRole('form', { name: 'Welcome back' })).toBeVisible();
  await page.reload();
  expect(await page.evaluate(() => JSON.stringify(localStorage))).not.toContain('Buy milk');
});

test('a deletion without a line is kept over a reload, and done when the line is back', async ({ page, todo, context }) => {
  await todo.register(proxy.url);
  await todo.add('Buy milk');
  await todo.add('Call Jonas');
  await page.evaluate(async () => void (await navigator.serviceWorker.ready));
  await page.reload();
  await expect(todo.row('Buy milk')).toBeVisible();
  await context.setOffline(true);
  proxy.asleep = true;
  await todo.row('Buy milk').hover();
  await page.getByRole('button', { name: 'Delete task 1: Buy milk' }).click();
  await page.getByRole('button', { name: 'Close message' }).click();
  await page.reload();
  await expect(todo.row('Call Jonas')).toBeVisible();
  await expect(todo.row('Buy milk')).toHaveCount(0);

  proxy.asleep = false;
  const done = page.waitForResponse((response) => response.request().method() === 'DELETE');
  await context.setOffline(false);
  expect((await done).ok()).toBe(true);
  await page.reload();
  await expect(todo.row('Call Jonas')).toBeVisible();
  await expect(todo.row('Buy milk')).toHaveCount(0);
});
