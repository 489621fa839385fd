import { expect, test } from './page';

/** A turn whose model refuses. */
const REFUSED = `Hello. #script ${JSON.stringify([{ status: 401 }])}`;

test('an answer that failed before its first word is not drawn, and its question survives a reload', async ({ page, todo }) => {
  await todo.register();
  await todo.say('Add buy milk');
  await todo.send(REFUSED);
  await expect(page.getByRole('button', { name: 'Try again' })).toBeVisible();
  await expect(page.getByRole('article', { name: 'Assistant' })).toHaveCount(1);

  await page.reload();
  await expect(page.getByRole('article', { name: 'You' }).last()).toContainText('Hello.');
  await expect(page.getByText('This message was not sent.')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Try again' })).toBeVisible();
});

test('between a card and the first word of the answer one sees that the assistant works', async ({ page, todo }) => {
  await todo.register();
  await todo.send(todo.slow('Buy milk', 3_000));
  await expect(page.getByText(/Added Buy milk as task/)).toBeVisible();
  await expect(page.getByText('Still working…')).toBeVisible();
  await expect(todo.answer).toContainText('Here you are.');
  await expect(page.getByText('Still working…')).toHaveCount(0);
});

test('a card says in words what changed, before and after', async ({ todo }) => {
  await todo.register();
  await todo.add('Buy milk');
  await todo.say('Rename task 1 to Buy oat milk');
  const card = todo.answer.getByRole('group');
  await card.locator('summary').click();
  await expect(card).toContainText(/Buy milk → +becomes Buy oat milk/);
  await todo.say('Show my list');
  await card.locator('summary').click();
  await expect(card.getByRole('listitem')).toHaveText('1Buy oat milk');
  await expect(card).not.toContainText('{');
});

test('the last message can be edited in its place, and what its answer did is taken back', async ({ page, todo }) => {
  await todo.register();
  await todo.say('Add buy mlik');
  await todo.message.fill('and bread');
  await page.getByRole('article', { name: 'You' }).hover();
  await page.getByRole('button', { name: 'Edit your message' }).click();
  await expect(todo.message).toBeFocused();
  await expect(todo.message).toHaveValue('Add buy mlik');
  const notice = page.getByRole('group', { name: 'Editing your last message' });
  await expect(notice.getByRole('checkbox', { name: 'Take back what it did' })).toBeChecked();
  await todo.say('Add buy milk');
  await expect(page.getByRole('article', { name: 'You' })).toHaveText(['Add buy milk']);
  await expect(todo.row('Buy milk')).toBeVisible();
  await expect(todo.list.getByRole('checkbox')).toHaveCount(1);
  await expect(notice).toHaveCount(0);
  await expect(todo.message, 'what was being typed is not lost').toHaveValue('and bread');
  await page.reload();
  await expect(page.getByRole('article', { name: 'You' })).toHaveText(['Add buy milk']);

  // By keyboard; what the answer did may stay, and one may think better of it.
  await todo.message.fill('');
  await todo.message.press('ArrowUp');
  await expect(todo.message).toHaveValue('Add buy milk');
  await todo.message.press('Escape');
  await expect(todo.message).toHaveValue('');
  await todo.message.press('ArrowUp');
  await notice.getByRole('checkbox').press('Space');
  await todo.say('Add buy bread');
  await expect(page.getByRole('article', { name: 'You' })).toHaveText(['Add buy bread']);
  await expect(todo.row('Buy bread')).toBeVisible();
  await expect(todo.row('Buy milk')).toBeVisible();
});

test('conversations are found and opened by keyboard alone', async ({ page, todo }) => {
  await todo.register();
  await todo.say('Add buy milk');
  const milk = page.url();
  await page.keyboard.press('Control+Shift+KeyO');
  await todo.say('Add call Jonas');
  await page.getByRole('button', { name: 'Conversations' }).press('Enter');
  const drawer = page.getByRole('dialog', { name: 'Conversations' });
  await expect(drawer.getByRole('listitem')).toHaveCount(2);

  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await expect(drawer.getByRole('button', { name: /^Buy milk/ })).toBeFocused();
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('ArrowUp');
  await expect(drawer.getByLabel('Find a conversation')).toBeFocused();

  // Enter at once, before the answer of the search is there.
  await page.keyboard.type('milk');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(milk);
  await expect(drawer).toHaveCount(0);
});
