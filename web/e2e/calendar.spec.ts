import { expect, test } from './page';

test('an address for calendar programs: made, copied, changed and turned off', async ({ page, todo, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await todo.register();
  const account = await todo.openAccount();
  const calendar = account.getByRole('region', { name: 'Calendar' });
  const address = calendar.getByLabel('Address');
  const status = (url: string) => page.evaluate(async (at) => (await fetch(at)).status, url);

  await calendar.getByRole('button', { name: 'Make an address' }).click();
  await expect(address).toHaveValue(/^https?:\/\/.+\/calendar\/[\w-]{43}\.ics$/);
  await todo.hasNoAxeViolations('the account with an address of a calendar');
  await calendar.getByRole('button', { name: 'Copy address' }).click();
  const first = await page.evaluate(() => navigator.clipboard.readText());
  await expect(address).toHaveValue(first);
  expect(await status(first)).toBe(200);

  await calendar.getByRole('button', { name: 'Change address' }).click();
  await expect(address).not.toHaveValue(first);
  const second = await address.inputValue();
  expect([await status(first), await status(second)]).toEqual([404, 200]);

  // It is shown once: afterwards the page only knows that there is one.
  await page.reload();
  await todo.openAccount();
  await expect(calendar.getByRole('button', { name: 'Change address' })).toBeVisible();
  await expect(address).toHaveCount(0);
  await calendar.getByRole('button', { name: 'Turn off' }).click();
  await expect(calendar.getByRole('button', { name: 'Make an address' })).toBeVisible();
  expect(await status(second)).toBe(404);
});
