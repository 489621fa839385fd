import { expect, test } from './page';

const at = '2026-11-20T10:00:00Z';
const COUNT = 2_000;
const tasks = Array.from({ length: COUNT }, (_, index) => {
  const id = COUNT - index;
  return { id, title: `Task number ${id}`, description: null, completed: false, due: null, due_time_zone: null, due_at: null, priority: 'none', tags: [], repeat: null, repeat_in_words: null, completed_at: null, position: -id, parent_id: null, open_subtasks: 0, version: 1, created_at: at, updated_at: at };
});

test('of a very long list what is near is drawn: one scrolls, searches and walks through all of it', async ({ page, todo }) => {
  await todo.register();
  await page.route('**/tasks?**', (route) => route.fulfill({ json: tasks }));
  await page.reload();
  const box = (number: number) => todo.list.getByRole('checkbox', { name: `Task number ${number}`, exact: true });
  await expect(box(COUNT)).toBeVisible();
  expect(await page.locator('[data-task]').count()).toBeLessThan(300);

  // By keyboard beyond what was drawn at first.
  await box(COUNT).focus();
  for (let step = 0; step < 150; step++) await page.keyboard.press('ArrowDown');
  await expect(box(COUNT - 150)).toBeFocused();
  await expect(box(COUNT - 150)).toBeInViewport();

  // To the end and back: what had the focus keeps it.
  await page.locator('[data-scroller]').evaluate((list) => list.scrollTo(0, list.scrollHeight));
  await expect(box(1)).toBeInViewport();
  await expect(box(COUNT - 150)).toBeFocused();
  expect(await page.locator('[data-task]').count()).toBeLessThan(300);

  // From there on, through rows that were not drawn any more.
  for (let step = 0; step < 60; step++) await page.keyboard.press('ArrowDown');
  await expect(box(COUNT - 210)).toBeFocused();

  await page.getByLabel('Search your list').fill('number 777');
  await expect(box(777)).toBeVisible();
  await expect(todo.list.getByRole('checkbox')).toHaveCount(1);
  await page.getByLabel('Search your list').fill('');
  await expect(box(COUNT)).toBeVisible();
  await todo.hasNoAxeViolations('a long list');
});
