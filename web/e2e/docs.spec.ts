import { expect, test } from './page';

/** The page at /docs: the API in words, and every operation to try. */

const operation = (id: string) => `[id$="-${id}"].opblock`;

for (const [device, viewport, colorScheme] of [
  ['desktop', { width: 1280, height: 900 }, 'light'],
  ['desktop in the dark', { width: 1280, height: 900 }, 'dark'],
  ['phone', { width: 390, height: 844 }, 'light'],
] as const) {
  test(`an operation is tried as the person who is signed in, on a ${device}`, async ({ page, todo }) => {
    // axe reads all sixty operations, three times.
    test.setTimeout(120_000);
    await page.setViewportSize(viewport);
    await page.emulateMedia({ colorScheme });
    await todo.register();
    const hosts = new Set<string>();
    page.on('request', (request) => hosts.add(new URL(request.url()).host));
    await page.goto('/docs');
    await expect(page.getByRole('heading', { name: 'The API', exact: true })).toBeVisible();
    await expect(page.getByText(`sends requests as ${todo.email}`)).toBeVisible();
    await expect(page.locator(operation('create_task'))).toBeVisible();
    await todo.hasNoAxeViolations(`docs on a ${device}`);

    const add = page.locator(operation('create_task'));
    await add.locator('.opblock-summary-control').click();
    await add.getByRole('button', { name: 'Try it out' }).click();
    await add.getByRole('textbox', { name: 'Body' }).fill('{"title": "Made at the docs"}');
    await add.getByRole('button', { name: 'Execute' }).click();
    await expect(add.locator('.live-responses-table td.response-col_status:not(.col_header)')).toContainText('201');
    await todo.hasNoAxeViolations(`an operation on a ${device}`);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(overflow).toBe(0);

    await page.getByRole('button', { name: 'Authorize' }).first().click();
    await expect(page.getByRole('dialog')).toBeVisible();
    await todo.hasNoAxeViolations(`tokens on a ${device}`);
    expect([...hosts]).toEqual([new URL(page.url()).host]);

    // Where the list stands beside the chat.
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.goto('/');
    await expect(todo.row('Made at the docs')).toBeVisible();
  });
}

test('the contents lead to chapters and to groups of operations', async ({ page }) => {
  await page.goto('/docs');
  const contents = page.getByRole('navigation', { name: 'Contents' });
  for (const name of ['Errors', 'Approvals']) {
    await contents.getByRole('link', { name }).click();
    await expect(page.getByRole('heading', { name }).last()).toBeInViewport();
  }
  await expect(page.getByText('Sign in on the page first')).toBeAttached();
});

test('it looks as the system does, or as was chosen on the page', async ({ page }) => {
  const colours = () => page.evaluate(() => [getComputedStyle(document.body).backgroundColor, getComputedStyle(document.querySelector('.swagger-ui .opblock-tag')!).color]);
  const seenAtFirst = async () => {
    await page.goto('/docs');
    await expect(page.locator(operation('create_task'))).toBeVisible();
    return colours();
  };
  const light = await seenAtFirst();
  await page.emulateMedia({ colorScheme: 'dark' });
  const dark = await seenAtFirst();
  expect(light.filter((colour) => dark.includes(colour))).toEqual([]);
  await page.emulateMedia({ colorScheme: 'light' });
  await expect.poll(colours).toEqual(light);
  await page.evaluate(() => localStorage.setItem('todo-chat.theme', 'dark'));
  expect(await seenAtFirst()).toEqual(dark);
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.evaluate(() => localStorage.setItem('todo-chat.theme', 'light'));
  expect(await seenAtFirst()).toEqual(light);
});
