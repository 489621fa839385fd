import { expect, PASSWORD, test, TodoPage } from './page';

test('two tabs: one list, one renewal, one session', async ({ todo, context }) => {
  await todo.register();
  const other = new TodoPage(await context.newPage());
  await other.page.goto('/');
  await expect(other.page.getByRole('heading', { name: 'Hello, Mira.' })).toBeVisible();

  await todo.add('Buy milk');
  await expect(other.row('Buy milk')).toBeVisible();
  await todo.say('Mark task 1 as done');
  await expect(other.row('Buy milk').getByRole('checkbox')).toBeChecked();

  let renewals = 0;
  context.on('request', (request) => {
    if (request.url().endsWith('/api/auth/refresh')) renewals += 1;
  });
  await todo.spoilAccessToken();
  await Promise.all([todo.send('Add call Jonas'), other.send('Add feed the cat')]);
  await Promise.all([todo.idle(), other.idle()]);
  expect(renewals).toBe(1);
  await expect(todo.list.getByRole('checkbox')).toHaveCount(3);
  await expect(other.list.getByRole('checkbox')).toHaveCount(3);

  const account = await todo.openAccount();
  await account.getByRole('button', { name: 'Sign out', exact: true }).click();
  await expect(other.page.getByRole('form', { name: 'Welcome back' })).toBeVisible();
});

test('the same conversation in two tabs: what is said, renamed and deleted in one shows in the other', async ({ page, todo, context }) => {
  await todo.register();
  await todo.say('Add buy milk');
  const other = new TodoPage(await context.newPage());
  await other.page.goto(page.url());
  await expect(other.answer).toContainText('Buy milk');

  // While the answer is written, and when it is done.
  await todo.send(todo.slow('Call Jonas', 4_000));
  await expect(other.page.getByRole('article', { name: 'You' })).toHaveCount(2);
  await expect(other.page.getByRole('button', { name: 'Stop the answer' })).toBeVisible();
  await expect(other.answer).toContainText('Here you are.', { timeout: 20_000 });
  await todo.idle();

  await other.say('Add feed the cat');
  await expect(page.getByRole('article', { name: 'You' })).toHaveCount(3);
  await todo.idle();
  await expect(todo.answer).toContainText('Feed the cat');

  await page.getByRole('button', { name: /This conversation/ }).click();
  await page.getByRole('dialog').getByLabel('Title').fill('Household');
  await page.getByRole('button', { name: 'Rename' }).click();
  await expect(other.page.getByRole('heading', { name: 'Household' })).toBeVisible();

  await page.getByRole('button', { name: /This conversation/ }).click();
  await page.getByRole('button', { name: 'Delete this conversation…' }).click();
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  await expect(other.page.getByRole('heading', { name: 'Hello, Mira.' })).toBeVisible();
});

test('another device: list and conversation follow while the page is looked at', async ({ page, todo, browser }) => {
  await page.clock.install();
  await todo.register();
  await todo.say('Add buy milk');

  const elsewhere = await browser.newContext();
  const other = new TodoPage(await elsewhere.newPage());
  await other.page.goto(page.url());
  await other.page.getByRole('button', { name: 'Sign in' }).click();
  await other.page.getByLabel('Email').fill(todo.email);
  await other.page.getByLabel('Password').fill(PASSWORD);
  await other.page.getByRole('button', { name: 'Sign in' }).first().click();
  await other.say('Add call Jonas');

  await expect(todo.list.getByRole('checkbox')).toHaveCount(1);
  await page.clock.runFor(21_000);
  await expect(todo.row('Call Jonas')).toBeVisible();
  await expect(todo.answer).toContainText('Call Jonas');
  await elsewhere.close();
});
