import { expect, PASSWORD, test } from './page';

/** The server of these tests has no mail server: what it would say with one is said here. */
const WITH_MAIL = { version: '3.0.0', model: { name: 'stand-in', stand_in: true }, models: ['stand-in'], mail: true };
const LINK = '/#/reset-password?token=a-token-of-nobody';

test('without a mail server no link to another password is offered', async ({ page }) => {
  await page.goto('/');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByText('built-in stand-in model')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Forgot password?' })).toHaveCount(0);
});

test('a link to another password is asked for, by keyboard, with the address that was typed', async ({ page, todo }) => {
  await page.route('**/api/info', (route) => route.fulfill({ json: WITH_MAIL }));
  let asked: unknown = null;
  await page.route('**/api/auth/forgot-password', (route) => {
    asked = route.request().postDataJSON();
    return route.fulfill({ status: 202, json: { message: 'If this address has an account, a link is on its way to it.' } });
  });
  await page.goto('/');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByLabel('Email').fill(todo.email);
  await page.getByRole('button', { name: 'Forgot password?' }).press('Enter');
  const form = page.getByRole('form', { name: 'Forgot your password?' });
  await expect(form.getByLabel('Email')).toBeFocused();
  await expect(form.getByLabel('Email')).toHaveValue(todo.email);
  await todo.hasNoAxeViolations('a forgotten password');
  await form.getByLabel('Email').press('Enter');
  await expect(form.getByRole('status')).toHaveText(/a link is on its way/);
  expect(asked).toEqual({ email: todo.email });
  await form.getByRole('button', { name: 'Back to signing in' }).click();
  await expect(page.getByLabel('Email')).toHaveValue(todo.email);
});

test('a link opens the form for another password, leaves the address, and is refused when it is no good', async ({ page, todo }) => {
  await page.goto(LINK);
  const form = page.getByRole('form', { name: 'Choose a new password' });
  await expect(form.getByLabel('New password')).toBeFocused();
  expect(page.url()).not.toContain('token');
  await todo.hasNoAxeViolations('another password');
  await form.getByLabel('New password').fill('a second pass phrase');
  await form.getByLabel('New password').press('Enter');
  await expect(form.getByRole('alert')).toHaveText('This link was used already or is too old. Please ask for another one.');

  await page.route('**/api/auth/reset-password', (route) => route.fulfill({ status: 204 }));
  await form.getByRole('button', { name: 'Set the password' }).click();
  await expect(page.getByRole('form', { name: 'Welcome back' })).toContainText('Your password is changed.');
});

test('who is signed in and confirms an address is told, and so is who has to sign in first', async ({ page, todo }) => {
  await todo.register();
  await page.goto('/#/confirm-email?token=a-token-of-nobody');
  await expect(page.getByText('This link was used already or is too old.').first()).toBeVisible();
  expect(page.url()).not.toContain('token');

  await page.evaluate(() => localStorage.removeItem('todo-chat.session'));
  await page.goto('/');
  await page.goto('/#/confirm-email?token=a-token-of-nobody');
  await expect(page.getByText('Sign in to confirm your address.')).toBeVisible();
  await page.route('**/api/auth/confirm-email', async (route) => route.fulfill({ json: { ...(await (await route.fetch({ url: new URL('/api/auth/me', page.url()).href, method: 'GET' })).json()), email_confirmed: true } }));
  await page.getByLabel('Email').fill(todo.email);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('form').getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByText('Your address is confirmed.').first()).toBeVisible();
});
