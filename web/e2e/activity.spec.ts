import { readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { expect, PASSWORD, test, type TodoPage } from './page';

const dialog = (todo: TodoPage) => todo.page.getByRole('dialog', { name: 'Activity' });

async function byPalette(page: Page) {
  await page.keyboard.press('Control+KeyK');
  await expect(page.getByRole('combobox', { name: 'Find an action or a conversation' })).toBeFocused();
  await page.keyboard.type('activity');
  await page.keyboard.press('Enter');
}

test('what was changed, by whom, before and after; one task alone; and undo from there', async ({ page, todo }) => {
  await todo.register();
  await todo.add('Buy milk');
  await todo.say('Add call Jonas');
  await todo.say('Rename task 1 to Buy oat milk');

  const account = await todo.openAccount();
  await account.getByRole('button', { name: 'Activity' }).click();
  const items = dialog(todo).getByRole('region', { name: 'Today' }).getByRole('listitem');
  await expect(items).toHaveCount(3);
  await expect(items.nth(0)).toContainText('Buy oat milk');
  await expect(items.nth(0)).toContainText('Changed by the assistant');
  await expect(items.nth(0)).toContainText(/Title\s*Buy milk → {1,2}becomes Buy oat milk/);
  await expect(items.nth(2)).toContainText('Added by hand');
  await todo.hasNoAxeViolations('activity');

  // Only one task, by keyboard, and back.
  await items.nth(0).getByRole('button', { name: 'Buy oat milk', exact: true }).focus();
  await page.keyboard.press('Enter');
  await expect(items).toHaveCount(2);
  await page.getByRole('button', { name: /^Only task 1, Buy oat milk/ }).click();
  await expect(items).toHaveCount(3);

  await items.nth(0).getByRole('button', { name: /^Undo/ }).press('Enter');
  await expect(items).toHaveCount(4);
  await expect(items.nth(1)).toContainText('undone since');
  await expect(items.nth(0)).toContainText('to undo what was done before');
  await page.keyboard.press('Escape');
  await expect(todo.row('Buy milk')).toBeVisible();
});

test('the history of a task from its editor, and from the palette', async ({ page, todo }) => {
  await todo.register();
  await todo.add('Buy milk');
  await todo.add('Call Jonas');
  await page.getByRole('button', { name: 'Edit task 1: Buy milk' }).click();
  await page.getByRole('button', { name: 'History' }).click();
  await expect(dialog(todo).getByRole('listitem')).toHaveCount(1);
  await expect(dialog(todo)).toContainText('Added by hand');
  await page.keyboard.press('Escape');
  await byPalette(page);
  await expect(dialog(todo).getByRole('listitem')).toHaveCount(2);
});

test('more than a page is shown when one asks for it', async ({ page, todo }) => {
  await todo.register();
  for (let number = 1; number <= 52; number++) await todo.add(`Task ${number}`);
  await byPalette(page);
  await expect(dialog(todo).getByRole('listitem')).toHaveCount(50);
  await page.getByRole('button', { name: 'Show older' }).click();
  await expect(dialog(todo).getByRole('listitem')).toHaveCount(52);
  await expect(page.getByRole('button', { name: 'Show older' })).toHaveCount(0);
});

test('an account goes along as a file, and comes back into an empty one', async ({ page, todo, browser }) => {
  await todo.register();
  await todo.say('Add buy milk');
  await todo.add('Call Jonas');
  let account = await todo.openAccount();
  const download = page.waitForEvent('download');
  await account.getByRole('button', { name: 'Export' }).click();
  const path = await (await download).path();
  expect(readFileSync(path, 'utf8')).toContain('Buy milk');

  // Not into one that has something already.
  await page.getByLabel('File to import').setInputFiles(path);
  await expect(account.getByRole('alert')).toContainText('This account has tasks or conversations');
  await page.getByLabel('File to import').setInputFiles({ name: 'photo.json', mimeType: 'application/json', buffer: Buffer.from('no JSON') });
  await expect(account.getByRole('alert')).toHaveText('This is not a file that was exported from an account.');

  const elsewhere = await browser.newContext();
  const other = await elsewhere.newPage();
  await other.goto(new URL('/', page.url()).href);
  await other.getByLabel('Email').fill(`other-${todo.email}`);
  await other.getByLabel('Password').fill(PASSWORD);
  await other.getByRole('button', { name: 'Create account' }).click();
  await other.getByRole('button', { name: 'Account and settings' }).click();
  account = other.getByRole('dialog');
  await other.getByLabel('File to import').setInputFiles(path);
  await expect(other.getByText('Everything in the file is here now.').first()).toBeVisible();
  await other.keyboard.press('Escape');
  await expect(other.getByRole('checkbox', { name: 'Buy milk' })).toBeVisible();
  await expect(other.getByRole('checkbox', { name: 'Call Jonas' })).toBeVisible();
  await elsewhere.close();
});
