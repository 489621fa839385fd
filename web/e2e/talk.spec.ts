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
