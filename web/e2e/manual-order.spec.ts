import type { Locator, Page } from '@playwright/test';
import { expect, test, type TodoPage } from './page';

const order = (todo: TodoPage) => todo.list.getByRole('checkbox').evaluateAll((boxes) => boxes.map((box) => box.getAttribute('aria-label')));
const ordered = (todo: TodoPage, titles: string[]) => expect(async () => expect(await order(todo)).toEqual(titles)).toPass({ timeout: 5_000 });
const grip = (page: Page, title: string) => page.getByRole('button', { name: new RegExp(`^Move task \\d+: ${title}$`) });

async function byHand(page: Page, todo: TodoPage, titles: string[]) {
  await todo.register();
  for (const title of titles) await todo.add(title);
  await page.getByLabel('Order of the list').selectOption('By hand');
}

/** Drags by the grip to the upper or lower half of another row. */
async function drag(page: Page, from: Locator, to: Locator, half: 'upper' | 'lower') {
  const [start, end] = [(await from.boundingBox())!, (await to.boundingBox())!];
  await page.mouse.move(start.x + start.width / 2, start.y + start.height / 2);
  await page.mouse.down();
  await page.mouse.move(start.x + start.width / 2, start.y + start.height / 2 + 5);
  await page.mouse.move(end.x + 20, end.y + end.height * (half === 'upper' ? 0.2 : 0.8), { steps: 5 });
  await expect(page.locator('[data-dragged]')).toHaveCount(1);
  await page.mouse.up();
}

test('dragging a task to another place, which stays over a reload', async ({ page, todo }) => {
  await byHand(page, todo, ['One', 'Two', 'Three', 'Four']);
  await ordered(todo, ['Four', 'Three', 'Two', 'One']);
  await drag(page, grip(page, 'Four'), todo.row('Two'), 'lower');
  await ordered(todo, ['Three', 'Two', 'Four', 'One']);
  await drag(page, grip(page, 'One'), todo.row('Three'), 'upper');
  await ordered(todo, ['One', 'Three', 'Two', 'Four']);
  await page.reload();
  await ordered(todo, ['One', 'Three', 'Two', 'Four']);

  // Escape lets go of it.
  const box = (await grip(page, 'Four').boundingBox())!;
  await page.mouse.move(box.x + 5, box.y + 5);
  await page.mouse.down();
  await page.mouse.move(box.x + 5, box.y - 80, { steps: 4 });
  await page.keyboard.press('Escape');
  await page.mouse.up();
  await expect(page.locator('[data-dragged]')).toHaveCount(0);
  await ordered(todo, ['One', 'Three', 'Two', 'Four']);
  await todo.hasNoAxeViolations('by hand');
});

test('moving a task by keyboard: it says where, and keeps the focus', async ({ page, todo }) => {
  await byHand(page, todo, ['One', 'Two', 'Three']);
  await todo.row('Three').getByRole('checkbox').focus();
  await page.keyboard.press('Alt+ArrowDown');
  await ordered(todo, ['Two', 'Three', 'One']);
  await expect(page.getByText('“Three”: place 2 of 3.')).toBeAttached();
  await expect(todo.row('Three').getByRole('checkbox')).toBeFocused();
  await page.keyboard.press('Alt+ArrowDown');
  await ordered(todo, ['Two', 'One', 'Three']);
  await page.keyboard.press('Alt+ArrowDown');
  await expect(page.getByText('“Three” is the last already.')).toBeAttached();
  await page.keyboard.press('ArrowUp');
  await expect(todo.row('One').getByRole('checkbox')).toBeFocused();
  await page.reload();
  await ordered(todo, ['Two', 'One', 'Three']);

  // Without dragging and without a keyboard: in the editor.
  await page.getByRole('button', { name: 'Edit task 3: Three' }).click();
  await page.getByRole('button', { name: 'To the top' }).click();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await ordered(todo, ['Three', 'Two', 'One']);
});

test('places that were made without a line are there when it is back', async ({ page, todo, context }) => {
  await byHand(page, todo, ['One', 'Two', 'Three']);
  await context.setOffline(true);
  await todo.row('One').getByRole('checkbox').focus();
  await page.keyboard.press('Alt+ArrowUp');
  await page.keyboard.press('Alt+ArrowUp');
  await ordered(todo, ['One', 'Three', 'Two']);
  await expect(todo.row('One')).toContainText('not sent yet');
  await context.setOffline(false);
  await expect(todo.row('One')).not.toContainText('not sent yet');
  await page.reload();
  await ordered(todo, ['One', 'Three', 'Two']);
});

test('subtasks: added in the editor, under their task, with what is open', async ({ page, todo }) => {
  await todo.register();
  await todo.add('Pack');
  await todo.add('Call Jonas');
  await page.getByRole('button', { name: 'Edit task 1: Pack' }).click();
  const field = page.getByLabel('Add a subtask');
  for (const title of ['Passport', 'Socks']) {
    await field.fill(title);
    await field.press('Enter');
    await expect(todo.row(title)).toBeVisible();
  }
  await page.getByRole('button', { name: 'Cancel' }).click();
  await expect(todo.row('Pack')).toContainText('2 open');
  await ordered(todo, ['Call Jonas', 'Pack', 'Socks', 'Passport']);
  await expect(page.getByRole('button', { name: 'Edit task 3: Passport (subtask)' })).toBeVisible();

  await todo.row('Passport').getByRole('checkbox').check();
  await expect(todo.row('Pack')).toContainText('1 open');
  await expect(todo.row('Passport')).toContainText('↳ Pack');
  // Ticked off, the task says what is still open beneath.
  await todo.row('Pack').getByRole('checkbox').check();
  await expect(todo.row('Pack')).toContainText('1 open');
  await expect(todo.row('Socks').getByRole('checkbox')).not.toBeChecked();

  await page.getByRole('button', { name: /Edit task 4: Socks/ }).click();
  await page.getByRole('button', { name: 'Make it a task of its own' }).click();
  await expect(todo.row('Socks')).not.toContainText('↳');
});

test('an order and a tag can be chosen, and the order is remembered', async ({ page, todo }) => {
  await todo.register();
  for (const line of ['Rent #home !high', 'Stand-up #work', 'Plants #home']) {
    await page.getByLabel('Add a task').fill(line);
    await page.getByLabel('Add a task').press('Enter');
    await expect(todo.row(line.split(' ')[0]!)).toBeVisible();
  }
  await page.getByLabel('Order of the list').selectOption('By priority');
  await ordered(todo, ['Rent', 'Plants', 'Stand-up']);
  await page.getByLabel('Only with the tag').selectOption('#home');
  await ordered(todo, ['Rent', 'Plants']);
  await page.reload();
  await ordered(todo, ['Rent', 'Plants', 'Stand-up']);
});

test.describe('on a phone', () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });

  test('a finger moves a task by its grip', async ({ page, todo }) => {
    await todo.register();
    await page.getByRole('navigation').getByRole('button', { name: 'List' }).tap();
    for (const title of ['One', 'Two', 'Three']) await todo.add(title);
    await page.getByLabel('Order of the list').selectOption('By hand');
    const from = (await grip(page, 'Three').boundingBox())!;
    const to = (await todo.row('One').boundingBox())!;
    expect(from.width).toBeGreaterThanOrEqual(44);
    const touch = await page.context().newCDPSession(page);
    const at = (y: number) => ({ touchPoints: [{ x: from.x + 20, y }] });
    await touch.send('Input.dispatchTouchEvent', { type: 'touchStart', ...at(from.y + 20) });
    for (let step = 1; step <= 6; step++) await touch.send('Input.dispatchTouchEvent', { type: 'touchMove', ...at(from.y + 20 + ((to.y + to.height - from.y - 25) * step) / 6) });
    await touch.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
    await ordered(todo, ['Two', 'One', 'Three']);
  });
});
