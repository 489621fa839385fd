import { expect, PASSWORD, test } from './page';

/** The server of these tests knows no provider: what it would say with one is said here. */
const WITH_GOOGLE = { version: '3.0.0', model: { name: 'stand-in', stand_in: true }, models: ['stand-in'], mail: false, sign_in_with: ['google'] };

test('without a provider there is no button for one', async ({ page }) => {
  await page.goto('/');
  await expect(page.getByText('built-in stand-in model')).toBeVisible();
  await expect(page.getByRole('button', { name: /Sign in with/ })).toHaveCount(0);
});

test('to the provider and back, with the state that was sent along', async ({ page, todo }) => {
  await page.route('**/api/info', (route) => route.fulfill({ json: WITH_GOOGLE }));
  await page.goto('/');
  const base = new URL('/', page.url()).href;
  const registered = await page.request.post('/api/auth/register', { data: { email: todo.email, password: PASSWORD, name: 'Mira Lindqvist' } });
  const answer = await registered.json();
  // A provider that asks nothing and sends back at once.
  await page.route('**/api/auth/google/url', (route) => route.fulfill({ json: { provider: 'google', auth_url: `${base}?code=the-code&state=the-state` } }));
  let brought: Record<string, unknown> = {};
  await page.route('**/api/auth/google/callback', (route) => {
    brought = route.request().postDataJSON();
    return route.fulfill({ json: { ...answer, user: { ...answer.user, has_password: false } } });
  });
  await todo.hasNoAxeViolations('a button for a provider');
  await page.getByRole('button', { name: 'Sign in with Google' }).press('Enter');
  await expect(page.getByRole('heading', { name: 'Hello, Mira.' })).toBeVisible();
  expect(brought).toMatchObject({ code: 'the-code', state: 'the-state' });
  expect(page.url()).not.toContain('code');

  // Where there is no password, none is asked for.
  await page.getByRole('button', { name: 'Account and settings' }).click();
  await page.getByRole('button', { name: 'Change password…' }).click();
  await expect(page.getByLabel('New password')).toBeFocused();
  await expect(page.getByLabel('Current password')).toHaveCount(0);
});

test('a provider is given up, but not the last one', async ({ page, todo }) => {
  await todo.register();
  const linked = [{ provider: 'google', linked_at: new Date().toISOString() }, { provider: 'github', linked_at: new Date().toISOString() }];
  const why = 'This is your only way to sign in. Set a password first, then you can give it up.';
  await page.route('**/api/*/identities', (route) => route.fulfill({ json: { identities: linked } }));
  await page.route('**/api/*/identities/google', (route) => (linked.shift(), route.fulfill({ status: 204 })));
  await page.route('**/api/*/identities/github', (route) => route.fulfill({ status: 409, contentType: 'application/problem+json', json: { title: 'Conflict', status: 409, detail: why, code: 'last_way_to_sign_in' } }));
  const account = await todo.openAccount();
  const providers = account.getByRole('list', { name: 'You sign in with' });
  await expect(providers.getByRole('listitem')).toHaveText([/^Google since today/, /^GitHub since today/]);
  await account.getByRole('button', { name: 'Give up Google…' }).press('Enter');
  await todo.hasNoAxeViolations('a question before a provider is given up');
  await page.keyboard.press('Enter');
  await expect(providers.getByRole('listitem')).toHaveText([/^GitHub since today/]);
  await expect(account.getByRole('heading', { name: 'You sign in with' })).toBeFocused();
  await account.getByRole('button', { name: 'Give up GitHub…' }).press('Enter');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('region', { name: 'Messages' }).getByText(why)).toBeVisible();
  await expect(providers.getByRole('listitem')).toHaveCount(1);
});

test('what somebody else has begun signs nobody in', async ({ page }) => {
  let asked = 0;
  await page.route('**/api/auth/*/callback', (route) => {
    asked += 1;
    return route.fulfill({ status: 500 });
  });
  await page.goto('/?code=of-a-stranger&state=of-a-stranger');
  await expect(page.getByRole('alert').filter({ hasText: 'This sign-in was not begun here.' })).toBeVisible();
  expect(page.url()).not.toContain('stranger');
  expect(asked).toBe(0);
});
