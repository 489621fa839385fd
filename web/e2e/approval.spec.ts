import type { Page } from '@playwright/test';
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
  await expect(page.getByText('A task was changed since, or another answer was given. Nothing was done; ask once more.').first()).toBeVisible();
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

/** A program of the person's calls a tool by the Model Context Protocol, with a token that may only look. */
async function asksAsProgram(page: Page, name: string, tool: string, input: object) {
  return page.evaluate(
    async ([name, tool, input]) => {
      const { tokens, user } = JSON.parse(localStorage.getItem('todo-chat.session')!);
      const post = async (path: string, token: string, body: object) => {
        const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', accept: 'application/json, text/event-stream', 'mcp-protocol-version': '2025-11-25' };
        return (await fetch(path, { method: 'POST', headers, body: JSON.stringify(body) })).json();
      };
      const { token } = await post(`/api/${user.id}/tokens`, tokens.access, { name, scopes: ['tasks:read'], expires_in_days: 1 });
      return post('/mcp', token, { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: tool, arguments: input } });
    },
    [name, tool, input] as const,
  );
}

for (const { where, ...size } of [
  { where: 'on a computer', viewport: { width: 1280, height: 800 } },
  { where: 'on a phone', viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
]) {
  test.describe(where, () => {
    test.use(size);

    test('a program that may not change tasks asks the person, who says yes in the page', async ({ page, todo }) => {
      await todo.register();
      await todo.say(script({ tool: 'add_task', input: { title: 'Old milk' } }));
      const asked = await asksAsProgram(page, 'Desk אסיסטנט', 'delete_task', { task_id: 1 });
      expect(asked.result.isError).toBe(true);
      await asksAsProgram(page, 'Other program', 'add_task', { title: 'Bread' });
      await page.reload();
      const banner = page.getByRole('status').filter({ hasText: '2 questions wait for your answer. The first: “Desk אסיסטנט” asks: Delete this task: “Old milk”?' });
      await expect(banner).toBeVisible();
      await banner.getByRole('button', { name: 'Look at it' }).press('Enter');
      const dialog = page.getByRole('dialog', { name: 'Questions of programs' });
      const card = dialog.getByRole('group', { name: 'Delete this task: “Old milk”?' });
      await expect(card).toContainText('“Desk אסיסטנט” asks:');
      await todo.hasNoAxeViolations(`questions of programs ${where}`);
      for (const button of await card.getByRole('button').all()) expect((await button.boundingBox())!.height).toBeGreaterThanOrEqual('isMobile' in size ? 44 : 40);
      await card.getByRole('button', { name: 'Yes', exact: true }).press('Enter');
      await expect(card.getByText('You said yes. It is done.')).toBeVisible();
      await dialog.getByRole('group', { name: 'Add “Bread”?' }).getByRole('button', { name: 'No', exact: true }).press('Enter');
      await expect(dialog.getByText('You said no. Nothing was done.')).toBeVisible();
      await page.keyboard.press('Escape');
      await expect(dialog).toHaveCount(0);
      await expect(banner).toHaveCount(0);
      if ('isMobile' in size) await page.getByRole('button', { name: 'List' }).first().tap();
      await expect(todo.list.getByRole('checkbox')).toHaveCount(0);
      const log = await page.evaluate(async () => {
        const { tokens, user } = JSON.parse(localStorage.getItem('todo-chat.session')!);
        return (await fetch(`/api/${user.id}/activity`, { headers: { authorization: `Bearer ${tokens.access}` } })).json();
      });
      expect(log.changes[0]).toMatchObject({ kind: 'deleted', channel: 'mcp', program: 'Desk אסיסטנט' });
    });
  });
}
