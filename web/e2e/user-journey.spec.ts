import { expect, PASSWORD, test } from './page';

test('register, talk, reload, resume, stop, again, rename, delete, sign out, sign in', async ({ page, todo }) => {
  await todo.register();

  // Chat: the answer streams, the card says what was done, the list follows.
  await todo.say('Add buy milk');
  await expect(page.getByText(/Added Buy milk as task\s1/)).toBeVisible();
  await expect(todo.row('Buy milk')).toBeVisible();
  await page.getByText(/Added Buy milk as task\s1/).click();
  await expect(todo.answer.getByRole('group')).toContainText('TitleBuy milk');

  // Reload: everything is back.
  const address = page.url();
  expect(address).toMatch(/#\/c\/[0-9a-f-]{36}$/);
  await page.reload();
  await expect(page.getByText(/Added Buy milk as task\s1/)).toBeVisible();
  await expect(todo.row('Buy milk')).toBeVisible();

  // Reload in the middle of an answer: it goes on, and nothing happens twice.
  await todo.send(todo.slow('Water the plants'));
  await expect(todo.row('Water the plants')).toBeVisible();
  await page.reload();
  await expect(page.getByRole('button', { name: 'Stop the answer' })).toBeVisible();
  await expect(todo.answer).toContainText('Here you are.', { timeout: 15_000 });
  await expect(page.getByText(/Added Water the plants/)).toHaveCount(1);
  await expect(todo.list.getByRole('checkbox')).toHaveCount(2);

  // Stop: the turn really ends.
  await todo.send(todo.slow('Feed the cat', 20_000));
  await expect(todo.row('Feed the cat')).toBeVisible();
  await page.getByRole('button', { name: 'Stop the answer' }).click();
  await expect(page.getByText('You stopped this answer.')).toBeVisible();
  await todo.idle();
  await page.reload();
  await expect(page.getByText('You stopped this answer.')).toBeVisible();
  await expect(todo.answer).not.toContainText('Here you are.');

  // Again: the question stands, the answer is new.
  await todo.say('Show my list');
  const questions = await page.getByRole('article', { name: 'You' }).count();
  await page.getByRole('button', { name: 'Answer again' }).click();
  await expect(page.getByRole('button', { name: 'Stop the answer' })).toBeVisible();
  await todo.idle();
  await expect(page.getByRole('article', { name: 'You' })).toHaveCount(questions);
  await page.reload();
  await expect(page.getByRole('article', { name: 'You' })).toHaveCount(questions);

  // Rename and find the conversation.
  await page.getByRole('button', { name: /This conversation/ }).click();
  await page.getByRole('dialog').getByLabel('Title').fill('Household');
  await page.getByRole('button', { name: 'Rename' }).click();
  await expect(page.getByRole('heading', { name: 'Household' })).toBeVisible();
  await page.getByRole('button', { name: 'New chat' }).click();
  await todo.say('Add call the dentist');
  await page.getByRole('button', { name: 'Conversations' }).click();
  const drawer = page.getByRole('dialog', { name: 'Conversations' });
  await expect(drawer.getByRole('listitem')).toHaveCount(2);
  await drawer.getByLabel('Find a conversation').fill('HOUSE');
  await expect(drawer.getByRole('listitem')).toHaveCount(1);
  await drawer.getByRole('button', { name: /^Household/ }).click();
  await expect(page).toHaveURL(address);

  // Delete it: its messages go, the tasks stay.
  await page.getByRole('button', { name: /This conversation/ }).click();
  await page.getByRole('button', { name: 'Delete this conversation…' }).click();
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'Hello, Mira.' })).toBeVisible();
  await expect(todo.list.getByRole('checkbox')).toHaveCount(4);

  // Out and in again.
  const account = await todo.openAccount();
  await account.getByRole('button', { name: 'Sign out', exact: true }).click();
  const form = page.getByRole('form', { name: 'Welcome back' });
  await form.getByLabel('Email').fill(todo.email);
  await form.getByLabel('Password').fill('not the password');
  await form.getByRole('button', { name: 'Sign in' }).click();
  await expect(form.getByRole('alert')).not.toBeEmpty();
  await form.getByLabel('Password').fill(PASSWORD);
  await form.getByRole('button', { name: 'Sign in' }).click();
  await expect(todo.list.getByRole('checkbox')).toHaveCount(4);
});

test('a conversation goes along as Markdown and as JSON', async ({ page, todo }) => {
  await todo.register();
  await todo.say('Add buy milk');
  await page.getByRole('button', { name: /This conversation/ }).click();
  for (const [button, ending] of [
    ['Markdown', '.md'],
    ['JSON', '.json'],
  ] as const) {
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: button }).click();
    expect((await download).suggestedFilename()).toMatch(new RegExp(`\\${ending}$`));
  }
});

test('the account: password, all devices, deletion', async ({ page, todo, browser }) => {
  await todo.register();
  let account = await todo.openAccount();
  await account.getByRole('button', { name: 'Change password…' }).click();
  await page.getByLabel('Current password').fill('wrong wrong wrong');
  await page.getByLabel('New password').fill('a new long password');
  await page.getByRole('button', { name: 'Change password' }).click();
  await expect(page.getByRole('alert').filter({ hasText: 'The current password is wrong.' })).toBeVisible();
  await expect(page.getByLabel('Current password')).toHaveAttribute('aria-invalid', 'true');
  await page.getByLabel('Current password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Change password' }).click();
  await expect(page.getByText('Your password is changed.').last()).toBeVisible();
  await todo.add('Still here');

  const elsewhere = await browser.newContext();
  const other = await elsewhere.newPage();
  await other.goto(new URL('/', page.url()).href);
  await other.getByRole('button', { name: 'Sign in' }).click();
  await other.getByLabel('Email').fill(todo.email);
  await other.getByLabel('Password').fill('a new long password');
  await other.getByRole('button', { name: 'Sign in' }).first().click();
  await expect(other.getByRole('checkbox', { name: 'Still here' })).toBeVisible();

  account = await todo.openAccount();
  await expect(account.getByText('1 of 20,000')).toBeVisible();
  await account.getByRole('button', { name: 'Sign out on all devices' }).click();
  await expect(page.getByRole('form', { name: 'Welcome back' })).toBeVisible();
  await other.getByLabel('Message', { exact: true }).fill('Add one more');
  await other.getByLabel('Message', { exact: true }).press('Enter');
  await expect(other.getByRole('dialog', { name: 'Please sign in again' })).toBeVisible();
  await elsewhere.close();

  const form = page.getByRole('form', { name: 'Welcome back' });
  await form.getByLabel('Email').fill(todo.email);
  await form.getByLabel('Password').fill('a new long password');
  await form.getByRole('button', { name: 'Sign in' }).click();
  account = await todo.openAccount();
  await account.getByRole('button', { name: 'Delete account…' }).click();
  await page.getByLabel('Password').fill('wrong wrong wrong');
  await page.getByRole('button', { name: 'Delete everything' }).click();
  await expect(page.getByRole('alert').filter({ hasText: 'The current password is wrong.' })).toBeVisible();
  await page.getByLabel('Password').fill('a new long password');
  await page.getByRole('button', { name: 'Delete everything' }).click();
  await expect(form).toBeVisible();
});

test('after signing out nothing of the last person is left on the page', async ({ page, todo }) => {
  await todo.register();
  await todo.say('Add a surprise party for Jonas');
  const title = 'A surprise party for Jonas';
  await todo.row(title).hover();
  await page.getByRole('button', { name: `Delete task 1: ${title}` }).click();
  const account = await todo.openAccount();
  await account.getByRole('button', { name: 'Sign out', exact: true }).click();
  await expect(page.getByRole('form', { name: 'Welcome back' })).toBeVisible();
  expect(new URL(page.url()).hash).toBe('');
  expect(await page.title()).toBe('Todo chat');
  const left = await page.evaluate(() => document.documentElement.outerHTML + JSON.stringify(localStorage));
  expect(left).not.toContain('Jonas');
  expect(left).not.toContain(todo.email);

  // The next person at this browser sees a page of their own.
  await page.getByRole('button', { name: 'Create an account' }).click();
  await page.getByLabel('Email').fill(`next-${todo.email}`);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Create account' }).click();
  await expect(page.getByRole('heading', { name: 'Hello.' })).toBeVisible();
  await expect(page.getByRole('region', { name: 'Messages', exact: true })).not.toContainText('Deleted');
});
