import { execFileSync } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { expect, test, TodoPage } from './page';

test('inside the frame of a Space', async ({ page, baseURL }) => {
  await page.route('https://huggingface.co/**', (route) => route.fulfill({ contentType: 'text/html', body: `<!doctype html><title>Space</title><iframe title="app" src="${baseURL}/" width="1200" height="700"></iframe>` }));
  await page.goto('https://huggingface.co/spaces/somebody/todo');
  const frame = page.frameLocator('iframe');
  await frame.getByLabel('Name (optional)').fill('Mira');
  await frame.getByLabel('Email').fill(new TodoPage(page).email);
  await frame.getByLabel('Password').fill('correct horse battery');
  await frame.getByRole('button', { name: 'Create account' }).click();
  await frame.getByRole('button', { name: 'Add buy milk', exact: true }).click();
  await expect(frame.getByRole('checkbox', { name: 'Buy milk' })).toBeVisible();
  await expect(frame.getByRole('button', { name: 'Answer again' })).toBeVisible();
});

test.describe('from another origin', () => {
  const OUT = 'test-results/elsewhere';
  let server: Server;

  test.beforeAll(async ({ baseURL }) => {
    execFileSync('npx', ['vite', 'build', '--outDir', OUT, '--logLevel', 'error'], { env: { ...process.env, VITE_API_BASE_URL: baseURL }, stdio: 'ignore' });
    const types: Record<string, string> = { html: 'text/html', js: 'text/javascript', css: 'text/css', svg: 'image/svg+xml', webmanifest: 'application/manifest+json' };
    server = createServer(async (request, response) => {
      const name = request.url === '/' ? 'index.html' : (request.url ?? '').slice(1);
      const body = await readFile(`${OUT}/${name}`).catch(() => null);
      response.writeHead(body ? 200 : 404, { 'content-type': types[name.split('.').pop() ?? ''] ?? 'text/plain' }).end(body);
    });
    // One of the origins the server allows in development.
    await new Promise<void>((resolve) => server.listen(5173, 'localhost', resolve));
  });
  test.afterAll(async () => {
    server.close();
    await rm(OUT, { recursive: true, force: true });
  });

  test('everything works with CORS', async ({ page, todo }) => {
    await todo.register('http://localhost:5173/');
    await todo.say('Add buy milk');
    await todo.row('Buy milk').getByRole('checkbox').check({ force: true });
    await todo.spoilAccessToken();
    await todo.say('Show my list');
    await page.reload();
    await expect(todo.row('Buy milk').getByRole('checkbox')).toBeChecked();
  });
});
