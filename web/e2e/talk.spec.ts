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
