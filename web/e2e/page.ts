import AxeBuilder from '@axe-core/playwright';
import { expect, test as base, type BrowserContext, type Page } from '@playwright/test';

export const PASSWORD = 'correct horse battery';

/** The page as a person uses it: by roles and labels only. */
export class TodoPage {
  readonly email = `e2e-${Date.now()}-${Math.random().toString(36).slice(2)}@example.com`;

  constructor(readonly page: Page) {}

  get message() {
    return this.page.getByLabel('Message', { exact: true });
  }

  get list() {
    return this.page.getByRole('list', { name: 'Tasks' });
  }

  get answer() {
    return this.page.getByRole('article', { name: 'Assistant' }).last();
  }

  row(title: string) {
    return this.list.getByRole('listitem').filter({ has: this.page.getByRole('checkbox', { name: title, exact: true }) });
  }

  async register(path = '/') {
    await this.page.goto(path);
    const form = this.page.getByRole('form', { name: 'Create your account' });
    await form.getByLabel('Name (optional)').fill('Mira Lindqvist');
    await form.getByLabel('Email').fill(this.email);
    await form.getByLabel('Password').fill(PASSWORD);
    await form.getByRole('button', { name: 'Create account' }).click();
    await expect(this.page.getByRole('heading', { name: 'Hello, Mira.' })).toBeVisible();
  }

  /** Sends without waiting for the answer. */
  async send(text: string) {
    await this.message.fill(text);
    await this.message.press('Enter');
  }

  async say(text: string) {
    await this.send(text);
    await this.idle();
  }

  async idle() {
    await expect(this.page.getByRole('button', { name: 'Answer again' })).toBeVisible({ timeout: 30_000 });
  }

  /** A turn whose tool is done at once and whose words come later: time to stop, reload or cut. */
  slow(title: string, ms = 8_000, words = 'Here you are.') {
    const script = [{ calls: [{ tool: 'add_task', input: { title } }] }, { delay_ms: ms, say: words }];
    return `Slowly, please. #script ${JSON.stringify(script)}`;
  }

  async add(title: string) {
    await this.page.getByLabel('Add a task').fill(title);
    await this.page.getByLabel('Add a task').press('Enter');
    await expect(this.row(title)).toBeVisible();
  }

  async openAccount() {
    await this.page.getByRole('button', { name: 'Account and settings' }).click();
    return this.page.getByRole('dialog');
  }

  /** Makes the stored access token worthless, as if its quarter of an hour were over. */
  async spoilAccessToken() {
    await this.page.evaluate(() => {
      const key = 'todo-chat.session';
      const stored = JSON.parse(localStorage.getItem(key)!);
      localStorage.setItem(key, JSON.stringify({ ...stored, tokens: { ...stored.tokens, access: 'spent' } }));
    });
  }

  async hasNoAxeViolations(where: string) {
    // The tasks light up for a moment; colours in between are no colours of the page.
    await this.page.waitForTimeout(300);
    const { violations } = await new AxeBuilder({ page: this.page }).analyze();
    expect(violations.map((one) => `${where}: ${one.id}: ${one.nodes.map((node) => node.target.join(' ')).join(', ')}`)).toEqual([]);
  }
}

/** Errors the browser reports by itself for an answer that a test provoked. */
const PROVOKED = /Failed to load resource|ERR_INTERNET_DISCONNECTED/;

export function watchConsole(context: BrowserContext): string[] {
  const heard: string[] = [];
  context.on('console', (message) => {
    if (message.type() === 'error' && !PROVOKED.test(message.text())) heard.push(message.text());
  });
  context.on('weberror', (error) => heard.push(String(error.error())));
  return heard;
}

/** Every test has a page and ends with a silent console: no error, no CSP report. */
export const test = base.extend<{ todo: TodoPage; silence: void }>({
  silence: [
    async ({ context }, use) => {
      const heard = watchConsole(context);
      await use();
      expect(heard).toEqual([]);
    },
    { auto: true },
  ],
  todo: async ({ page }, use) => use(new TodoPage(page)),
});

export { expect };
