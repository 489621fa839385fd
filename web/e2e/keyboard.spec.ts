import { expect, PASSWORD, test } from './page';

test('the keyboard is enough', async ({ page, todo }) => {
  const focused = () => page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent ?? '');
  await page.goto('/');
  await page.getByLabel('Name (optional)').focus();
  await page.keyboard.type('Mira');
  await page.keyboard.press('Tab');
  await page.keyboard.type(todo.email);
  await page.keyboard.press('Tab');
  await page.keyboard.type(PASSWORD);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Hello, Mira.' })).toBeVisible();

  await page.keyboard.press('Alt+KeyM');
  await page.keyboard.type('Add buy milk');
  await page.keyboard.press('Shift+Enter');
  await page.keyboard.press('Backspace');
  await page.keyboard.press('Enter');
  await todo.idle();

  await page.keyboard.press('Alt+KeyT');
  for (const title of ['Call Jonas', 'Feed the cat']) {
    await page.keyboard.type(title);
    await page.keyboard.press('Enter');
    await expect(todo.row(title)).toBeVisible();
  }

  // Into the list, down, tick: the focus stays on the task that moved.
  await page.keyboard.press('Alt+KeyS');
  await page.keyboard.press('Tab');
  expect(await focused()).toBe('Feed the cat');
  await page.keyboard.press('ArrowDown');
  expect(await focused()).toBe('Call Jonas');
  await page.keyboard.press('Space');
  await expect(page.getByText('Done · 1')).toBeVisible();
  expect(await focused()).toBe('Call Jonas');

  // Delete by keyboard, undo by keyboard.
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  expect(await focused()).toMatch(/^Delete task 1/);
  await page.keyboard.press('Enter');
  await expect(todo.row('Buy milk')).toHaveCount(0);
  expect(await focused()).not.toBe('');
  await page.keyboard.press('Control+KeyZ');
  await expect(todo.row('Buy milk')).toBeVisible();

  // Rename by keyboard; Escape gives the focus back.
  await page.getByRole('button', { name: /Edit task 1/ }).focus();
  await page.keyboard.press('Enter');
  await expect(page.getByLabel('Title')).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('button', { name: /Edit task 1/ })).toBeFocused();

  // Dialogs open and close by keyboard and give the focus back.
  await page.keyboard.press('Control+KeyK');
  await expect(page.getByRole('combobox', { name: 'Find an action or a conversation' })).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await expect(page.getByRole('button', { name: /Edit task 1/ })).toBeFocused();
  await page.keyboard.press('Control+Slash');
  await expect(page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);

  // Stop by keyboard, start anew by keyboard.
  await page.keyboard.press('Alt+KeyM');
  await page.keyboard.insertText(todo.slow('Water the plants', 20_000));
  await page.keyboard.press('Enter');
  await expect(todo.row('Water the plants')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByText('You stopped this answer.')).toBeVisible();
  await page.keyboard.press('Control+Shift+KeyO');
  await expect(page.getByRole('heading', { name: 'Hello, Mira.' })).toBeVisible();
  await expect(todo.message).toBeFocused();
});

test('the command palette: actions and conversations by typing', async ({ page, todo }) => {
  await todo.register();
  await todo.say('Add buy milk');
  const milk = page.url();
  await page.keyboard.press('Control+Shift+KeyO');
  await todo.say('Add call Jonas');
  const field = page.getByRole('combobox', { name: 'Find an action or a conversation' });
  const chosen = page.getByRole('option', { selected: true });
  const open = async (words: string) => {
    await page.keyboard.press('Control+KeyK');
    await expect(field).toBeFocused();
    await page.keyboard.type(words);
  };

  // A conversation, by what was said in it.
  await open('milk');
  await expect(chosen).toHaveText('Buy milk');
  await expect(field).toHaveAttribute('aria-activedescendant', (await chosen.getAttribute('id'))!);
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(milk);
  await expect(page.getByRole('dialog')).toHaveCount(0);

  // An action that gives the focus away.
  await open('add task');
  await expect(chosen).toContainText('Add a task');
  await page.keyboard.press('Enter');
  await expect(page.getByLabel('Add a task')).toBeFocused();

  // The arrow keys go round; another dialog opens in its place; Escape gives the focus back.
  await open('');
  await expect(page.getByRole('group', { name: 'Conversations' }).getByRole('option')).toHaveCount(2);
  await page.keyboard.press('ArrowUp');
  await expect(chosen).toHaveText('Buy milk');
  await page.keyboard.press('ArrowDown');
  await expect(chosen).toContainText('Start a new chat');
  await page.keyboard.type('settings');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog', { name: 'Mira Lindqvist' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByLabel('Add a task')).toBeFocused();

  await open('zebra');
  await expect(page.getByText('Nothing is called that.')).toBeVisible();
});
