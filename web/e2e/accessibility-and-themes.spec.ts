import { expect, test } from './page';

for (const colorScheme of ['light', 'dark'] as const) {
  for (const width of [390, 820, 1280]) {
    test.describe(`${colorScheme}, ${width} px`, () => {
      test.use({ colorScheme, viewport: { width, height: 844 }, hasTouch: width === 390, contextOptions: { reducedMotion: 'reduce' } });

      test('no axe violations in any state', async ({ page, todo }) => {
        const phone = width === 390;
        const show = async (pane: string) => {
          if (phone) await page.getByRole('navigation').getByRole('button', { name: pane }).click();
        };
        await page.goto('/');
        await expect(page.getByText(/^Version/)).toBeVisible();
        await todo.hasNoAxeViolations('sign-in');
        await todo.register();
        await todo.hasNoAxeViolations('empty');
        await todo.say('Add buy milk');
        await page.locator('summary').first().click();
        await todo.hasNoAxeViolations('chat');
        await show('List');
        await todo.add('Call Jonas');
        await todo.row('Buy milk').getByRole('checkbox').check({ force: true });
        await todo.hasNoAxeViolations('list');
        await page.getByLabel('Order of the list').selectOption('By hand');
        await expect(page.getByRole('button', { name: 'Move task 2: Call Jonas' })).toBeVisible();
        await todo.hasNoAxeViolations('by hand');
        await page.getByRole('button', { name: /Edit task 2/ }).click();
        await todo.hasNoAxeViolations('editor');
        await page.getByRole('form').getByRole('button', { name: /Delete task 2/ }).click();
        await todo.hasNoAxeViolations('undo');
        await page.getByRole('button', { name: 'Undo', exact: true }).click();
        await page.keyboard.press('Control+KeyK');
        await expect(page.getByRole('option', { name: 'Buy milk' })).toBeVisible();
        await todo.hasNoAxeViolations('commands');
        await page.keyboard.press('Escape');
        await page.getByRole('button', { name: 'Conversations' }).click();
        await expect(page.getByRole('dialog').getByRole('listitem')).toHaveCount(1);
        await todo.hasNoAxeViolations('conversations');
        await page.getByRole('button', { name: /Rename, export or delete/ }).click();
        await todo.hasNoAxeViolations('conversation');
        await page.keyboard.press('Escape');
        const account = await todo.openAccount();
        await todo.hasNoAxeViolations('account');
        await account.getByRole('button', { name: 'Change password…' }).click();
        await todo.hasNoAxeViolations('password');
        await page.keyboard.press('Escape');
        await show('Chat');
        await page.route('**/chat/stream', (route) => route.fulfill({ status: 503, contentType: 'application/problem+json', body: '{"detail":"The model is away.","code":"model_unavailable"}' }));
        await todo.send('Hello');
        await expect(page.getByText('The model is away.')).toBeVisible();
        await todo.hasNoAxeViolations('trouble');
      });
    });
  }
}

test.describe('on a phone', () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });

  test('chat and list are one tap apart, nothing is wider than the screen, and targets are large enough', async ({ page, todo }) => {
    await todo.register();
    await page.getByRole('button', { name: 'Add buy milk', exact: true }).tap();
    await todo.idle();
    await page.getByRole('button', { name: 'List · 1' }).tap();
    await todo.row('Buy milk').getByText('Buy milk').tap();
    await page.getByRole('button', { name: /Delete task 1/ }).tap();
    await page.getByRole('button', { name: 'Undo', exact: true }).tap();
    await expect(todo.row('Buy milk')).toBeVisible();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    const small = await page.evaluate(() =>
      [...document.querySelectorAll<HTMLElement>('button, summary, [role=radio], label:has(input)')]
        .filter((one) => one.offsetParent !== null)
        .map((one) => ({ name: one.getAttribute('aria-label') ?? one.textContent, box: one.getBoundingClientRect() }))
        .filter(({ box }) => box.height > 0 && box.height < 43.5)
        .map(({ name, box }) => `${name}: ${box.height}`),
    );
    expect(small).toEqual([]);
  });
});

test('dark and light can be chosen and are remembered', async ({ page, todo }) => {
  await todo.register();
  const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await paper();
  const account = await todo.openAccount();
  await account.getByText('Dark', { exact: true }).click();
  expect(await paper()).not.toBe(light);
  await page.reload();
  await expect(page.getByRole('heading', { name: 'Hello, Mira.' })).toBeVisible();
  expect(await paper()).not.toBe(light);
});
