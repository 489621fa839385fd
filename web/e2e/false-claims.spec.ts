import { expect, test } from './page';

test('an answer that claims a change and made none is marked', async ({ page, todo }) => {
  await todo.register();
  await todo.add('Buy milk');
  await todo.say(`Delete all my tasks. #script ${JSON.stringify([{ say: 'Deleted everything!' }])}`);
  await expect(todo.answer).toContainText('Nothing was changed.');
  await expect(todo.row('Buy milk')).toBeVisible();
  await page.reload();
  await expect(todo.answer).toContainText('Nothing was changed.');
  // An answer that did what it says has no such line.
  await todo.say('Delete task 1');
  await expect(page.getByText(/Deleted Buy milk/)).toBeVisible();
  await expect(todo.answer).not.toContainText('Nothing was changed.');
});
