import { expect, test, type TodoPage } from './page';

const script = (...calls: Array<{ tool: string; input: object }>) => `Please. #script ${JSON.stringify([{ calls }, { say: 'Here you are.' }])}`;
const add = (title: string) => ({ tool: 'add_task', input: { title } });
const remove = (task_id: number) => ({ tool: 'delete_task', input: { task_id } });

/** The titles on the list, newest first. */
const titles = (todo: TodoPage) => todo.list.getByRole('checkbox').evaluateAll((boxes) => boxes.map((box) => box.getAttribute('aria-label')));

for (const phone of [false, true]) {
  test.describe(phone ? 'on a phone' : 'at a desk, by keyboard', () => {
    test.use(phone ? { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true } : {});

    test('add three, delete five by talking, and undo each from its card', async ({ page, todo }) => {
      const press = async (name: string | RegExp) => {
        const button = page.getByRole('button', { name }).last();
        if (!phone) {
          await button.focus();
          return page.keyboard.press('Enter');
        }
        // A message may lie above the button: it is closed first.
        for (const message of await page.getByRole('button', { name: 'Close message' }).all()) await message.tap();
        await expect(page.getByRole('button', { name: 'Close message' })).toHaveCount(0);
        await button.tap();
      };
      const show = async (pane: string) => {
        if (phone) await page.getByRole('navigation').getByRole('button', { name: pane }).tap();
      };
      await todo.register();
      await todo.say(script(add('One'), add('Two')));
      await todo.say(script(add('Three'), add('Four'), add('Five')));

      // One card, and its redo from the same place.
      await press('Undo “Added Four as task 4”');
      await expect(page.getByText('Undone: “Four” is off the list.').first()).toBeVisible();
      await show('List');
      await expect(async () => expect(await titles(todo)).toEqual(['Five', 'Three', 'Two', 'One'])).toPass();
      await show('Chat');
      await press('Redo “Added Four as task 4”');
      await expect(page.getByRole('button', { name: 'Undo “Added Four as task 4”' })).toBeVisible();

      // More than three deletions at once would wait for a yes.
      await todo.say(script(...[1, 2, 3].map(remove)));
      await todo.say(script(...[4, 5].map(remove)));
      for (const [number, title] of [...['One', 'Two', 'Three', 'Four', 'Five'].entries()].reverse()) {
        await press(`Undo “Deleted ${title} (task ${number + 1})”`);
        await expect(page.getByRole('button', { name: `Redo “Deleted ${title} (task ${number + 1})”` })).toBeVisible();
      }
      await show('List');
      await expect(async () => expect(await titles(todo)).toEqual(['Five', 'Four', 'Three', 'Two', 'One'])).toPass();
      await page.reload();
      await show('List');
      await expect(todo.list.getByRole('checkbox')).toHaveCount(5);
    });

    test('a whole answer is undone and done again; what was changed since stands in the way until the rest is wanted', async ({ page, todo }) => {
      await todo.register();
      await todo.say(script(add('One'), add('Two'), add('Three')));
      await page.getByRole('button', { name: 'Undo everything this answer did' }).click();
      await expect(page.getByText('Undone: 3 tasks are off the list.').first()).toBeVisible();
      // What was undone with its answer has no button of its own.
      await expect(page.getByRole('button', { name: /^(Undo|Redo) “Added/ })).toHaveCount(0);
      await page.getByRole('region', { name: 'Messages', exact: true }).getByRole('button', { name: 'Redo' }).click();
      await expect(page.getByText('Done again: 3 tasks are on the list.').first()).toBeVisible();

      await todo.say(script(remove(1), remove(2)));
      await todo.say(script({ tool: 'update_task', input: { task_id: 3, title: 'Third' } }));
      const first = page.getByRole('button', { name: 'Undo everything this answer did' }).first();
      await first.focus();
      await first.press('Enter');
      const dialog = page.getByRole('dialog', { name: 'Not undone' });
      await expect(dialog).toContainText('“Third” was changed since');
      await todo.hasNoAxeViolations('conflicts');
      await dialog.getByRole('button', { name: 'Leave everything as it is' }).click();
      await expect(dialog).toHaveCount(0);
      await expect(first).toBeFocused();
    });
  });
}

test('another tab follows when something is undone', async ({ page, todo, context }) => {
  await todo.register();
  await todo.say(script(add('One'), add('Two')));
  await todo.say(script(remove(1)));
  const other = await context.newPage();
  await other.goto('/');
  await expect(other.getByRole('checkbox', { name: 'Two' })).toBeVisible();
  await expect(other.getByRole('checkbox', { name: 'One' })).toHaveCount(0);
  await page.getByRole('button', { name: 'Undo “Deleted One (task 1)”' }).click();
  await expect(other.getByRole('checkbox', { name: 'One' })).toBeVisible();
});

test('the assistant undoes the last thing when one asks for it', async ({ page, todo }) => {
  await todo.register();
  await todo.say(script(add('One'), add('Two')));
  await todo.say(script(remove(1)));
  await expect(todo.row('One')).toHaveCount(0);
  await todo.say('undo that');
  await expect(page.getByText('Undid what was done to One')).toBeVisible();
  await expect(todo.row('One')).toBeVisible();
});

test('another answer takes back what the one before it did, unless that shall stay', async ({ page, todo }) => {
  await todo.register();
  await todo.say('Add buy milk');
  await expect(todo.row('Buy milk')).toBeVisible();
  await page.getByRole('button', { name: 'Answer again' }).click();
  const choice = page.getByRole('group', { name: 'Answer again' });
  await expect(choice.getByRole('button', { name: 'Take that back first' })).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(choice).toHaveCount(0);
  await page.getByRole('button', { name: 'Answer again' }).press('Enter');
  await choice.getByRole('button', { name: 'Take that back first' }).press('Enter');
  await expect(page.getByText('Undid what was done to Buy milk')).toBeVisible();
  await todo.idle();
  await expect(todo.list.getByRole('checkbox')).toHaveCount(1);
  await expect(page.getByRole('button', { name: /Edit task 2: Buy milk/ })).toBeVisible();

  await page.getByRole('button', { name: 'Answer again' }).click();
  await choice.getByRole('button', { name: 'Leave it changed' }).click();
  await expect(choice).toHaveCount(0);
  await todo.idle();
  await expect(page.getByRole('button', { name: /Edit task 2: Buy milk/ })).toBeVisible();
});
