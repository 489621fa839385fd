import type { Page } from '@playwright/test';
import { expect, PASSWORD, test, type TodoPage } from './page';

const dialog = (todo: TodoPage) => todo.page.getByRole('dialog', { name: 'Programs and devices' });

async function open(todo: TodoPage) {
  const account = await todo.openAccount();
  await account.getByRole('button', { name: 'Programs and devices' }).click();
  const opened = dialog(todo);
  await expect(opened.getByText('This device')).toBeVisible();
  return opened;
}

/** What a program is answered that has nothing but a token. */
const asProgram = (page: Page, token: string, path: string, method = 'GET') =>
  page.evaluate(
    async ([token, path, method]) => {
      const answer = await fetch(path!, { method: method!, headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' }, ...(method === 'POST' ? { body: '{"title":"By a program"}' } : {}) });
      return answer.status;
    },
    [token, path, method],
  );

const userId = (page: Page) => page.evaluate(() => JSON.parse(localStorage.getItem('todo-chat.session')!).user.id as string);

async function signIn(page: Page, todo: TodoPage) {
  await page.goto(new URL('/', todo.page.url()).href);
  await page.getByRole('button', { name: 'Sign in' }).first().click();
  await page.getByLabel('Email').fill(todo.email);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('form').getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('button', { name: 'Account and settings' })).toBeVisible();
}

test('a token for a program: made by keyboard, shown once, used, and revoked', async ({ page, todo, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await todo.register();
  const tasks = `/api/${await userId(page)}/tasks`;
  const opened = await open(todo);
  await expect(opened.getByText('No program has a token.')).toBeVisible();
  await todo.hasNoAxeViolations('programs without a token');

  await opened.getByRole('button', { name: 'New token…' }).press('Enter');
  const name = opened.getByLabel('Name');
  await expect(name).toBeFocused();
  // Away again, and the focus is where it was.
  await opened.getByRole('button', { name: 'Cancel' }).press('Enter');
  await expect(opened.getByRole('button', { name: 'New token…' })).toBeFocused();
  await page.keyboard.press('Enter');

  await name.fill('גיבוי backup');
  const see = opened.getByRole('checkbox', { name: 'See tasks' });
  await see.focus();
  await page.keyboard.press('Space');
  await opened.getByRole('button', { name: 'Make the token' }).press('Enter');
  await expect(opened.getByRole('alert')).toHaveText('Tick at least one thing that the program may do.');
  await expect(opened.getByRole('button', { name: 'Make the token' })).toBeFocused();
  await todo.hasNoAxeViolations('a new token');
  await see.check();
  await opened.getByLabel('Good for').selectOption('30 days');
  await name.press('Enter');

  const secret = opened.getByLabel('Token of “גיבוי backup”');
  await expect(secret).toBeFocused();
  await expect(secret).toHaveValue(/^tdo_pat_\w{49}$/);
  expect(await page.evaluate(() => getSelection()?.toString())).toBe(await secret.inputValue());
  await expect(secret).toHaveAccessibleDescription(/it is not shown again\.$/);
  await todo.hasNoAxeViolations('a token that is shown');
  await opened.getByRole('button', { name: 'Copy token' }).click();
  const token = await page.evaluate(() => navigator.clipboard.readText());
  await expect(secret).toHaveValue(token);

  const entry = opened.getByRole('list', { name: 'Tokens' }).getByRole('listitem');
  await expect(entry).toHaveCount(1);
  await expect(entry).toContainText('May see tasks');
  await expect(entry).toContainText(/never used · expires on /);
  expect(await asProgram(page, token, tasks)).toBe(200);
  expect(await asProgram(page, token, tasks, 'POST')).toBe(403);

  // It is shown once: afterwards there is only its entry.
  await page.keyboard.press('Escape');
  await open(todo);
  await expect(entry).toContainText(/last used today/);
  await expect(secret).toHaveCount(0);

  await entry.getByRole('button', { name: 'Revoke גיבוי backup…' }).press('Enter');
  await expect(entry.getByRole('button', { name: 'Revoke גיבוי backup', exact: true })).toBeFocused();
  await todo.hasNoAxeViolations('a question before a token goes');
  await entry.getByRole('button', { name: 'Keep' }).press('Enter');
  await expect(entry.getByRole('button', { name: 'Revoke גיבוי backup…' })).toBeFocused();
  expect(await asProgram(page, token, tasks)).toBe(200);
  await page.keyboard.press('Enter');
  await page.keyboard.press('Enter');
  await expect(entry).toHaveCount(0);
  await expect(opened.getByRole('heading', { name: 'Tokens for programs', exact: true })).toBeFocused();
  await expect(opened.getByText('No program has a token.')).toBeVisible();
  expect(await asProgram(page, token, tasks)).toBe(401);
});

test('where one is signed in, and ending it there from here', async ({ page, todo, browser }) => {
  await todo.register();
  const elsewhere = await browser.newContext({ userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0' });
  const other = await elsewhere.newPage();
  await signIn(other, todo);
  const strange = await browser.newContext({ userAgent: 'Toaster 2000' });
  await signIn(await strange.newPage(), todo);

  const opened = await open(todo);
  const devices = opened.getByRole('list', { name: 'Devices' }).getByRole('listitem');
  await expect(devices).toHaveCount(3);
  const own = devices.filter({ hasText: 'This device' });
  await expect(own).toContainText('Chrome on Linux');
  await expect(own.getByRole('button')).toHaveCount(0);
  await expect(opened.getByTitle('Toaster 2000')).toHaveText('Unknown device');

  const firefox = devices.filter({ hasText: 'Firefox on Linux' });
  await firefox.getByRole('button', { name: 'Sign out Firefox on Linux…' }).click();
  await todo.hasNoAxeViolations('a question before a device is signed out');
  await page.keyboard.press('Enter');
  await expect(firefox).toHaveCount(0);
  await expect(devices).toHaveCount(2);
  await expect(opened.getByRole('heading', { name: 'Devices', exact: true })).toBeFocused();

  // There the next request asks for the password; nothing of what is here ends.
  await other.getByLabel('Add a task').fill('Buy milk');
  await other.getByLabel('Add a task').press('Enter');
  await expect(other.getByRole('dialog', { name: 'Please sign in again' })).toBeVisible();
  await page.keyboard.press('Escape');
  await todo.add('Call Jonas');
  await elsewhere.close();
  await strange.close();
});

test('what does not work is said in a sentence, and can be tried again', async ({ page, todo }) => {
  await todo.register();
  const refuse = (detail: string, status = 422) => ({ status, contentType: 'application/problem+json', body: JSON.stringify({ title: 'No', status, detail, code: 'token_quota_reached' }) });
  await page.route('**/api/*/tokens', (route) => route.fulfill(refuse('The list of tokens is away.', 500)), { times: 1 });
  await page.keyboard.press('Control+KeyK');
  await expect(page.getByRole('combobox', { name: 'Find an action or a conversation' })).toBeFocused();
  await page.keyboard.type('token');
  await page.keyboard.press('Enter');
  const opened = dialog(todo);
  await expect(opened.getByText('The list of tokens is away.')).toBeVisible();
  await opened.getByRole('button', { name: 'Try again' }).click();
  await expect(opened.getByText('No program has a token.')).toBeVisible();

  await opened.getByRole('button', { name: 'New token…' }).click();
  await opened.getByLabel('Name').fill('backup');
  await page.route('**/api/*/tokens', (route) => (route.request().method() === 'POST' ? route.fulfill(refuse('You have 50 tokens. Revoke one first.')) : route.continue()));
  await opened.getByLabel('Name').press('Enter');
  await expect(opened.getByRole('alert')).toHaveText('You have 50 tokens. Revoke one first.');
  await expect(opened.getByLabel('Name')).toHaveValue('backup');
  await page.unroute('**/api/*/tokens');
  await opened.getByLabel('Name').press('Enter');
  await expect(opened.getByLabel('Token of “backup”')).toBeVisible();

  await page.route('**/api/*/tokens/*', (route) => route.fulfill(refuse('Not now.', 500)), { times: 1 });
  await opened.getByRole('button', { name: 'Revoke backup…' }).press('Enter');
  const revoke = opened.getByRole('button', { name: 'Revoke backup', exact: true });
  await revoke.press('Enter');
  await expect(page.getByText('Not now.').first()).toBeVisible();
  await expect(revoke).toBeFocused();
  await revoke.press('Enter');
  await expect(opened.getByText('No program has a token.')).toBeVisible();
  // Its secret goes with it.
  await expect(opened.getByLabel('Token of “backup”')).toHaveCount(0);
});

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(`on a ${colorScheme} phone`, () => {
    test.use({ colorScheme, viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });

    test('nothing is wider than the screen, targets are large enough, and colours can be read', async ({ todo }) => {
      await todo.register();
      const opened = await open(todo);
      await opened.getByRole('button', { name: 'New token…' }).tap();
      await opened.getByLabel('Name').fill('A_long_name_without_any_space_in_it_for_the_narrowest_of_all_screens_and_a_bit_more_than_that');
      await todo.hasNoAxeViolations('a new token');
      await opened.getByRole('button', { name: 'Make the token' }).tap();
      await expect(opened.getByRole('button', { name: 'Copy token' })).toBeVisible();
      await opened.getByRole('button', { name: /^Revoke/ }).tap();
      await todo.hasNoAxeViolations('a token');
      const wide = await opened.evaluate((one) =>
        [one, ...one.querySelectorAll('*')]
          .filter((part) => part.clientWidth > 0 && part.scrollWidth > part.clientWidth + 1 && !part.matches('input, .sr-only'))
          .map((part) => part.outerHTML.slice(0, 80)),
      );
      expect(wide).toEqual([]);
      const small = await opened.evaluate((one) =>
        [...one.querySelectorAll('button, label:has(input[type=checkbox])')].filter((part) => part.getBoundingClientRect().height < 43.5).map((part) => part.textContent),
      );
      expect(small).toEqual([]);
    });
  });
}

test('what a program may not do waits for the person, whatever they look at', async ({ page, todo }) => {
  await todo.register();
  await todo.say('Add call Jonas');
  await page.evaluate(async () => {
    const { tokens, user } = JSON.parse(localStorage.getItem('todo-chat.session')!);
    const post = async (path: string, token: string, body: object) => {
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
      return (await fetch(`/api/${user.id}/${path}`, { method: 'POST', headers, body: JSON.stringify(body) })).json();
    };
    const { token } = await post('tokens', tokens.access, { name: 'A program', scopes: ['chat'], expires_in_days: 1 });
    await post('chat', token, { message: 'Add buy milk' });
  });
  await page.reload();
  const question = page.getByRole('status').filter({ hasText: 'A question waits for your answer: “A program” asks: Add “Buy milk”?' });
  await expect(question).toBeVisible();
  await todo.hasNoAxeViolations('a question that waits elsewhere');
  await expect(todo.row('Buy milk')).toHaveCount(0);
  await question.getByRole('button', { name: 'Look at it' }).press('Enter');
  await expect(question).toHaveCount(0);
  await page.getByRole('group', { name: 'Add “Buy milk”?' }).getByRole('button', { name: 'Yes' }).press('Enter');
  await expect(todo.row('Buy milk')).toBeVisible();
});
