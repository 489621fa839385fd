import { expect, test, type TodoPage } from './page';

const script = (...calls: Array<{ tool: string; input: object }>) => `Please. #script ${JSON.stringify([{ calls }, { say: 'Here you are.' }])}`;

/** Five tasks, and an answer that asks before it deletes them. */
async function asked(todo: TodoPage) {
  await todo.register();
  for (const title of ['One', 'Two', 'Three', 'Four', 'Five']) await todo.add(title);
  await todo.say(script({ tool: 'delete_task', input: { task_id: [1, 2, 3, 4, 5] } }));
  const card = todo.answer.getByRole('group').filter({ has: todo.page.getByRole('button', { name: 'Yes', exact: true }) });
  await expect(card).toContainText('Four');
  return card;
}

test('what deletes much waits for a yes: by keyboard, and the focus is kept', async ({ page, todo }) => {
  const card = await asked(todo);
  await expect(todo.list.getByRole('checkbox')).toHaveCount(5);
  await todo.hasNoAxeViolations('approval');
  await card.getByRole('button', { name: 'Yes', exact: true }).focus();
  await page.keyboard.press('Enter');
  await expect(page.getByText('You said yes. It is done.').first()).toBeVisible();
  await expect(page.getByRole('button', { name: 'Yes', exact: true })).toHaveCount(0);
  expect(await page.evaluate(() => document.activeElement?.getAttribute('role'))).toBe('group');
  await expect(todo.list.getByRole('checkbox')).toHaveCount(0);
  await page.reload();
  await expect(page.getByText('You said yes. It is done.').first()).toBeVisible();
});

test('no: nothing is done, also after a reload', async ({ page, todo }) => {
  const card = await asked(todo);
  await page.reload();
  await page.getByRole('button', { name: 'No', exact: true }).click();
  await expect(page.getByText('You said no. Nothing was done.').first()).toBeVisible();
  await expect(card).toHaveCount(0);
  await expect(todo.list.getByRole('checkbox')).toHaveCount(5);
});

test('a plain yes in the next message answers it too', async ({ page, todo }) => {
  await asked(todo);
  await todo.say('yes');
  await expect(page.getByText('You said yes. It is done.').first()).toBeVisible();
  await expect(todo.list.getByRole('checkbox')).toHaveCount(0);
});

test('a task that is changed meanwhile makes the question void', async ({ page, todo }) => {
  const card = await asked(todo);
  await todo.row('Two').getByRole('checkbox').check();
  await expect(page.getByText('Done · 1')).toBeVisible();
  await card.getByRole('button', { name: 'Yes', exact: true }).click();
  await expect(page.getByText('A task was changed since. Nothing was done; ask once more.').first()).toBeVisible();
  await expect(todo.list.getByRole('checkbox')).toHaveCount(5);
});

test.describe('on a phone', () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });

  test('yes by thumb', async ({ page, todo }) => {
    await todo.register();
    await todo.say(script(...['One', 'Two', 'Three', 'Four'].map((title) => ({ tool: 'add_task', input: { title } }))));
    await todo.say(script({ tool: 'delete_task', input: { task_id: [1, 2, 3, 4] } }));
    const yes = page.getByRole('button', { name: 'Yes', exact: true });
    expect((await yes.boundingBox())!.height).toBeGreaterThanOrEqual(44);
    await yes.tap();
    await expect(page.getByText('You said yes. It is done.').first()).toBeVisible();
  });
});
