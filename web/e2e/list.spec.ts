import { expect, test } from './page';

test('the list by hand: add, tick, rename, describe, delete and undo, filter, search', async ({ page, todo }) => {
  await todo.register();
  for (const title of ['Buy milk', 'Renew the passport', 'Call Jonas']) await todo.add(title);

  await todo.row('Buy milk').getByRole('checkbox').check();
  await expect(page.getByText('2 to do')).toBeVisible();
  await expect(page.getByText('Done · 1')).toBeVisible();

  await page.getByRole('button', { name: 'Edit task 2: Renew the passport' }).click();
  const editor = page.getByRole('form', { name: 'Edit task 2' });
  await editor.getByLabel('Title').fill('Renew both passports');
  await editor.getByLabel('Description').fill('The photos are in the drawer.');
  await editor.getByRole('button', { name: 'Save' }).click();
  await expect(todo.row('Renew both passports')).toContainText('The photos are in the drawer.');

  await todo.row('Call Jonas').hover();
  await page.getByRole('button', { name: 'Delete task 3: Call Jonas' }).click();
  await expect(todo.row('Call Jonas')).toHaveCount(0);
  await page.getByRole('button', { name: 'Undo', exact: true }).click();
  await expect(todo.row('Call Jonas')).toBeVisible();

  await page.getByRole('radio', { name: 'Done' }).check({ force: true });
  await expect(todo.list.getByRole('checkbox')).toHaveCount(1);
  await page.getByRole('radio', { name: 'All' }).check({ force: true });
  await page.getByLabel('Search your list').fill('drawer');
  await expect(todo.list.getByRole('checkbox')).toHaveCount(1);
  await page.getByLabel('Search your list').fill('zebra');
  await page.getByRole('button', { name: 'Show all' }).click();
  await expect(todo.list.getByRole('checkbox')).toHaveCount(3);

  await page.reload();
  await expect(todo.row('Renew both passports')).toContainText('The photos are in the drawer.');
  await expect(todo.row('Buy milk').getByRole('checkbox')).toBeChecked();
});

test('an editor that opens at the end of the screen is seen whole', async ({ page, todo }) => {
  await todo.register();
  for (let number = 1; number <= 12; number++) await todo.add(`Task of number ${number}`);
  await page.getByRole('button', { name: 'Edit task 1: Task of number 1' }).click();
  const editor = page.getByRole('form', { name: 'Edit task 1' });
  await expect(editor.getByLabel('Title')).toBeFocused();
  await expect(editor.getByRole('button', { name: 'Save' })).toBeInViewport({ ratio: 1 });
  await expect(editor.getByLabel('Title')).toBeInViewport({ ratio: 1 });
});

test('a deletion is carried out when the page goes before the undo is over', async ({ page, todo }) => {
  await todo.register();
  await todo.add('Buy milk');
  await todo.add('Call Jonas');
  await todo.row('Buy milk').hover();
  await page.getByRole('button', { name: 'Delete task 1: Buy milk' }).click();
  await page.reload();
  await expect(todo.row('Call Jonas')).toBeVisible();
  await expect(async () => {
    await page.reload();
    await expect(todo.row('Call Jonas')).toBeVisible();
    expect(await todo.row('Buy milk').count()).toBe(0);
  }).toPass();
});

test('the assistant sees a list without what was just deleted', async ({ page, todo }) => {
  await todo.register();
  await todo.add('Buy milk');
  await todo.add('Call Jonas');
  await todo.row('Buy milk').hover();
  await page.getByRole('button', { name: 'Delete task 1: Buy milk' }).click();
  await todo.say('Show my list');
  await expect(page.getByText('Looked at your list: 1 task')).toBeVisible();
});

test('a task that cannot be saved is kept and saved later', async ({ page, todo }) => {
  await todo.register();
  await page.route('**/tasks', (route) => (route.request().method() === 'POST' ? route.fulfill({ status: 422, contentType: 'application/problem+json', body: '{"detail":"Your list is full.","code":"task_quota_reached"}' }) : route.fallback()));
  await page.getByLabel('Add a task').fill('Buy milk');
  await page.getByLabel('Add a task').press('Enter');
  await expect(page.getByText('Not saved. Your list is full.')).toBeVisible();
  await page.unroute('**/tasks');
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(todo.row('Buy milk')).toBeVisible();
});

test('a task and a change that the server has no time for are kept and sent by themselves', async ({ page, todo }) => {
  await todo.register();
  await todo.add('Call Jonas');
  const busy = { status: 429, headers: { 'Retry-After': '1' }, contentType: 'application/problem+json', body: '{"detail":"Too many changes.","code":"too_many_changes"}' };
  await page.route(/\/tasks(\/1)?$/, (route) => (route.request().method() === 'GET' ? route.fallback() : route.fulfill(busy)));
  await page.getByLabel('Add a task').fill('Buy milk');
  await page.getByLabel('Add a task').press('Enter');
  await expect(page.getByText('Kept on this device, not sent yet')).toBeVisible();
  await page.getByRole('checkbox', { name: 'Call Jonas' }).click();
  await page.waitForTimeout(1_100);
  await page.unroute(/\/tasks(\/1)?$/);
  await page.reload();
  await expect(todo.row('Buy milk')).toBeVisible();
  await expect(page.getByText('Kept on this device, not sent yet')).toHaveCount(0);
  await expect(page.getByText('Done · 1')).toBeVisible();
});

test('an edit by hand leaves alone what the assistant changed meanwhile', async ({ page, todo }) => {
  await todo.register();
  await todo.add('Buy milk');
  await page.getByRole('button', { name: 'Edit task 1: Buy milk' }).click();
  const editor = page.getByRole('form', { name: 'Edit task 1' });
  await editor.getByLabel('Description').fill('The oat one.');
  await todo.say('Rename task 1 to Buy oat milk');
  await expect(editor.getByLabel('Title')).toHaveValue('Buy oat milk');
  await editor.getByRole('button', { name: 'Save' }).click();
  await expect(todo.row('Buy oat milk')).toContainText('The oat one.');
  await page.reload();
  await expect(todo.row('Buy oat milk')).toContainText('The oat one.');
});

test('a half-typed edit is kept while another task is open, while one searches, and over a reload', async ({ page, todo }) => {
  await todo.register();
  await todo.add('Buy milk');
  await todo.add('Call Jonas');
  const open = (name: string) => page.getByRole('button', { name: `Edit task ${name}` }).click();
  const description = page.getByRole('form', { name: 'Edit task 1' }).getByLabel('Description');
  await open('1: Buy milk');
  await description.fill('The oat one.');

  await open('2: Call Jonas');
  await expect(todo.row('Buy milk')).toContainText('Changes not saved');
  await open('1: Buy milk');
  await expect(description).toHaveValue('The oat one.');

  const search = page.getByLabel('Search your list');
  await search.fill('Jonas');
  await expect(description).toHaveCount(0);
  await search.fill('');
  await expect(description).toHaveValue('The oat one.');
  await expect(search).toBeFocused();

  await page.reload();
  await open('1: Buy milk');
  await expect(description).toHaveValue('The oat one.');
  await page.getByRole('button', { name: 'Cancel' }).click();
  await expect(todo.row('Buy milk')).not.toContainText('Changes not saved');

  // What the server refuses is still typed.
  await open('1: Buy milk');
  await description.fill('The oat one.');
  await page.route('**/tasks/1', (route) => route.fulfill({ status: 422, contentType: 'application/problem+json', body: '{"detail":"Your account is full.","code":"storage_quota_reached"}' }));
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('Your account is full.').last()).toBeVisible();
  await open('1: Buy milk');
  await expect(description).toHaveValue('The oat one.');
});

test('a task that is added shows, whatever filter and search were set', async ({ page, todo }) => {
  await todo.register();
  await todo.add('Buy milk');
  await page.getByRole('radio', { name: 'Done' }).check({ force: true });
  await page.getByLabel('Search your list').fill('milk');
  await todo.add('Call Jonas');
  await expect(page.getByLabel('Search your list')).toHaveValue('');

  // What fits is left as it is.
  await page.getByRole('radio', { name: 'All' }).check({ force: true });
  await page.getByLabel('Search your list').fill('oat');
  await todo.add('Buy oat milk');
  await expect(page.getByLabel('Search your list')).toHaveValue('oat');
  await expect(page.getByRole('radio', { name: 'All' })).toBeChecked();
});

for (const width of [390, 1280]) {
  test.describe(`at ${width} px`, () => {
    test.use({ viewport: { width, height: 640 } });

    test('a message does not cover the end of the list', async ({ page, todo }) => {
      await todo.register();
      await todo.say('Add two tasks: buy milk and water the plants');
      if (width === 390) {
        await page.getByRole('button', { name: 'List · 2' }).click();
        await expect(page.getByRole('heading', { name: /Buy milk|Water the plants/ })).toHaveCount(0);
      }
      for (let number = 3; number <= 14; number++) await todo.add(`Task number ${number}`);
      await todo.row('Task number 14').hover();
      await page.getByRole('button', { name: 'Delete task 14: Task number 14' }).click();
      const message = page.getByText('Deleted “Task number 14”.').first();
      await expect(message).toBeVisible();
      const last = todo.list.getByRole('checkbox').last();
      await expect(async () => {
        // As far as it goes.
        await todo.list.evaluate((list) => list.parentElement!.scrollTo(0, list.parentElement!.scrollHeight));
        const [row, above] = [await last.boundingBox(), await message.boundingBox()];
        expect(row!.y + row!.height).toBeLessThanOrEqual(above!.y);
      }).toPass({ timeout: 4_000 });
    });
  });
}
