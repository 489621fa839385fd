import type { Locator } from '@playwright/test';
import { expect, test } from './page';

const HEBREW = 'לקנות חלב';

/** Whether the browser lays this element out from the right. */
const isRightToLeft = (place: Locator) => place.evaluate((element) => getComputedStyle(element).direction === 'rtl');

test('what somebody writes from right to left stands so wherever it shows', async ({ page, todo }) => {
  await todo.register();
  await page.getByLabel('Add a task').fill(HEBREW);
  expect(await isRightToLeft(page.getByLabel('Add a task'))).toBe(true);
  await page.getByLabel('Add a task').press('Enter');
  expect(await isRightToLeft(todo.row(HEBREW).getByText(HEBREW))).toBe(true);

  await page.getByRole('button', { name: `Edit task 1: ${HEBREW}` }).click();
  const editor = page.getByRole('form', { name: 'Edit task 1' });
  await editor.getByLabel('Description').fill(HEBREW);
  for (const label of ['Title', 'Description']) expect(await isRightToLeft(editor.getByLabel(label))).toBe(true);
  await editor.getByRole('button', { name: 'Save' }).click();
  expect(await isRightToLeft(todo.row(HEBREW).getByText(HEBREW).last())).toBe(true);
  await page.getByLabel('Search your list').fill(HEBREW);
  expect(await isRightToLeft(page.getByLabel('Search your list'))).toBe(true);

  const script = [{ say: `${HEBREW}\n\n* ${HEBREW}` }];
  await todo.message.fill(`${HEBREW} #script ${JSON.stringify(script)}`);
  expect(await isRightToLeft(todo.message)).toBe(true);
  await todo.message.press('Enter');
  await todo.idle();
  expect(await isRightToLeft(page.getByRole('article', { name: 'You' }).locator('p'))).toBe(true);
  expect(await isRightToLeft(todo.answer.locator('p').first())).toBe(true);
  expect(await isRightToLeft(todo.answer.locator('li'))).toBe(true);
  // The page around it stays as it is.
  expect(await isRightToLeft(page.locator('body'))).toBe(false);
});
