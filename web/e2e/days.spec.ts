import type { Page } from '@playwright/test';
import { expect, test } from './page';

test.use({ timezoneId: 'Asia/Kathmandu' });

/** A day from today on, where the browser is. */
const day = (page: Page, from: number) =>
  page.evaluate((count) => {
    const at = new Date();
    at.setDate(at.getDate() + count);
    return `${at.getFullYear()}-${String(at.getMonth() + 1).padStart(2, '0')}-${String(at.getDate()).padStart(2, '0')}`;
  }, from);

/** Adds a task by the API, as another device would, in this browser's session. */
async function addByApi(page: Page, body: object) {
  const status = await page.evaluate(async (json) => {
    const { user, tokens } = JSON.parse(localStorage.getItem('todo-chat.session')!);
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    const headers = { authorization: `Bearer ${tokens.access}`, 'content-type': 'application/json', 'time-zone': zone };
    return (await fetch(`/api/${user.id}/tasks`, { method: 'POST', headers, body: JSON.stringify(json) })).status;
  }, body);
  expect(status).toBe(201);
}

test('the list by days: overdue first, views by keyboard, and the address remembers the view', async ({ page, todo }) => {
  await todo.register();
  await addByApi(page, { title: 'Pay rent', due: await day(page, -1), repeat: 'every month', priority: 'high', tags: ['home'] });
  await addByApi(page, { title: 'Call Jonas', due: await day(page, 0) });
  await addByApi(page, { title: 'See the dentist', due: `${await day(page, 1)}T09:00` });
  await addByApi(page, { title: 'Learn to juggle' });
  await page.reload();
  await expect(todo.row('See the dentist')).toContainText('Tomorrow, 9:00');
  await expect(todo.row('Pay rent')).toContainText(/Overdue: .*↻ every month on the .*High priority#home/);
  const lines = () => todo.list.getByRole('listitem').evaluateAll((all) => all.map((one) => one.querySelector('input')?.getAttribute('aria-label') ?? one.textContent));
  expect(await lines()).toEqual(['Overdue', 'Pay rent', 'Today', 'Call Jonas', 'Tomorrow', 'See the dentist', 'No date', 'Learn to juggle']);

  await page.getByRole('radio', { name: 'All' }).focus();
  await page.keyboard.press('ArrowLeft');
  await expect(page.getByRole('radio', { name: 'Upcoming' })).toBeChecked();
  expect(await lines()).toEqual(['Today', 'Call Jonas', 'Tomorrow', 'See the dentist']);
  await page.keyboard.press('ArrowLeft');
  expect(await lines()).toEqual(['Overdue', 'Pay rent', 'Today', 'Call Jonas']);
  await expect(page).toHaveURL(/\?view=today$/);
  await page.reload();
  await expect(page.getByRole('radio', { name: 'Today' })).toBeChecked();
  await expect(todo.row('Call Jonas')).toBeVisible();
  expect(await lines()).toEqual(['Overdue', 'Pay rent', 'Today', 'Call Jonas']);

  // The conversation gets its address, and the view stays in it.
  await todo.say('Show my list');
  await expect(page).toHaveURL(/#\/c\/[0-9a-f-]{36}\?view=today$/);
  await page.reload();
  await expect(page.getByRole('radio', { name: 'Today' })).toBeChecked();
  await expect(todo.answer).toBeVisible();

  // What repeats comes back.
  await todo.row('Pay rent').getByRole('checkbox').click();
  await expect(page.getByText(/^Done\. Next: /).first()).toBeVisible();
  await expect(todo.row('Pay rent')).toHaveCount(0);
  await page.getByRole('radio', { name: 'Upcoming' }).check({ force: true });
  await expect(todo.row('Pay rent').getByRole('checkbox')).not.toBeChecked();
  await todo.hasNoAxeViolations('days');
});

test('the editor: when, how often, how important, and tags, by keyboard; put off, skipped and cleared', async ({ page, todo }) => {
  await todo.register();
  await todo.add('Pay rent');
  const patches: unknown[] = [];
  page.on('request', (request) => request.method() === 'PATCH' && patches.push([request.postDataJSON(), request.headers()['if-match']]));
  const editor = page.getByRole('form', { name: 'Edit task 1' });
  const open = async () => {
    await page.getByRole('button', { name: /^Edit task 1/ }).focus();
    await page.keyboard.press('Enter');
    await expect(editor.getByLabel('Title')).toBeFocused();
  };
  await open();
  await editor.getByLabel('Date').fill(await day(page, 2));
  await editor.getByLabel('Time').fill('09:00');
  await editor.getByLabel('Repeat').selectOption('Every month');
  await editor.getByLabel('Priority').selectOption('High');
  await editor.getByLabel('Tags').fill('home, money');
  await todo.hasNoAxeViolations('editor');
  await page.keyboard.press('Control+Enter');
  await expect(todo.row('Pay rent')).toContainText(/, 9:00↻ every month on the .*High priority#home#money/);
  await expect(page.getByRole('button', { name: /^Edit task 1/ })).toBeFocused();

  await open();
  await editor.getByRole('button', { name: 'Tomorrow' }).click();
  await editor.getByRole('button', { name: 'Save' }).click();
  await expect(todo.row('Pay rent')).toContainText('Tomorrow, 9:00');
  await open();
  await editor.getByRole('button', { name: 'Skip this one' }).click();
  await expect(page.getByText(/^Skipped\. Next: /).first()).toBeVisible();
  await open();
  await editor.getByRole('button', { name: 'No date' }).click();
  await editor.getByRole('button', { name: 'Save' }).click();
  await expect(todo.row('Pay rent')).toHaveText(/Pay rentHigh priority#home#money/);
  expect(patches).toEqual([
    [{ due: `${await day(page, 2)}T09:00`, priority: 'high', repeat: 'every month', tags: ['home', 'money'] }, '"1"'],
    [{ due: `${await day(page, 1)}T09:00` }, '"2"'],
    [{ skip: true }, '"3"'],
    [{ due: null, repeat: null }, '"4"'],
  ]);
});

test('a change of what somebody else has changed is refused, told, and still typed', async ({ page, todo }) => {
  await todo.register();
  await todo.add('Buy milk');
  await page.getByRole('button', { name: /^Edit task 1/ }).click();
  const editor = page.getByRole('form', { name: 'Edit task 1' });
  await editor.getByLabel('Title').fill('Buy oat milk');
  await page.evaluate(async () => {
    const { user, tokens } = JSON.parse(localStorage.getItem('todo-chat.session')!);
    const headers = { authorization: `Bearer ${tokens.access}`, 'content-type': 'application/json' };
    await fetch(`/api/${user.id}/tasks/1`, { method: 'PATCH', headers, body: JSON.stringify({ title: 'Buy soy milk', priority: 'low' }) });
  });
  await editor.getByRole('button', { name: 'Save' }).click();
  await expect(editor.getByRole('alert')).toHaveText('Changed meanwhile; what you typed is kept.Title: Buy soy milkPriority: low');
  await expect(editor.getByLabel('Title')).toHaveValue('Buy oat milk');
  await todo.hasNoAxeViolations('changed meanwhile');
  await editor.getByRole('button', { name: 'Save' }).click();
  await expect(todo.row('Buy oat milk')).toContainText('Low priority');
  await expect(editor).toHaveCount(0);
});
