import { expect, test, TodoPage } from './page';

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
