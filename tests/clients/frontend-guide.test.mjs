// The page of docs/FRONTEND.md, as it stands there, with the `useChat` of every client.
import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { test } from 'node:test';

import { createElement } from 'react';
import { act, create } from 'react-test-renderer';
import { transform } from 'sucrase';

import { add, BASE_URL, load, Person, script, textOf, until, VERSIONS } from './ai-sdk-clients.mjs';

const document = await readFile(new URL('../../docs/FRONTEND.md', import.meta.url), 'utf8');
const [, source] = document.match(/^```tsx\n(.*?)^```$/ms);
// Where Node resolves packages as for this file, and nobody commits what is in it.
const folder = new URL('node_modules/.cache/', import.meta.url);

globalThis.IS_REACT_ACT_ENVIRONMENT = true;
process.env.NEXT_PUBLIC_API_URL = BASE_URL;

/** The page as JavaScript, with the packages of one version. */
async function page(version) {
  const { code } = transform(source, { transforms: ['typescript', 'jsx'], jsxRuntime: 'automatic', production: true });
  const pinned = code.replace("from 'ai'", `from 'ai-${version}'`).replace("from '@ai-sdk/react'", `from 'react-${version}'`);
  await mkdir(folder, { recursive: true });
  const file = new URL(`page-${version}.mjs`, folder);
  await writeFile(file, pinned);
  return (await import(file)).default;
}

/** A browser as far as the page needs one. */
class Browser {
  constructor() {
    const items = new Map();
    globalThis.localStorage = { getItem: (key) => items.get(key) ?? null, setItem: (key, value) => items.set(key, value) };
  }

  async load(Page) {
    if (this.shown) await act(() => this.shown.unmount());
    await act(() => { this.shown = create(createElement(Page)); });
  }

  get text() {
    const read = (node) => (node === null || typeof node === 'string' ? (node ?? '') : [node].flat().map((one) =>
      (typeof one === 'string' ? one : read(one.children))).join(''));
    return read(this.shown.toJSON());
  }

  sees(words) {
    return until(async () => { await act(() => new Promise((resolve) => setTimeout(resolve, 10))); return this.text.includes(words); }, words);
  }

  write(at, value) {
    const find = typeof at === 'string' ? (node) => node.props.name === at : at;
    return act(() => this.shown.root.find((node) => node.type === 'input' && find(node)).props.onChange({ target: { value } }));
  }

  submit() {
    return act(() => this.shown.root.findByType('form').props.onSubmit({ preventDefault() {} }));
  }

  async say(text) {
    await this.write('message', text);
    await this.submit();
  }

  press(name) {
    const button = this.shown.root.find((node) => node.type === 'button' && node.props.children === name);
    return act(() => button.props.onClick());
  }

  async signIn({ email, password }) {
    await this.write((node) => node.props.type === 'email', email);
    await this.write((node) => node.props.type === 'password', password);
    await this.submit();
  }
}

test('the page is shorter than 60 lines', () => {
  assert.ok(source.trim().split('\n').length < 60);
});

test('plain fetch does it too', async () => {
  const [, plain] = document.match(/^```js\n(.*?)^```$/ms);
  const names = ['API', 'userId', 'token', 'conversationId', 'show', 'tasksChanged'];
  const AsyncFunction = (async () => {}).constructor;
  const say = new AsyncFunction(...names, plain.replaceAll("'Add milk to my list'", JSON.stringify(script('Hi', add('Milk'), { say: 'It is there.' }))));
  const person = await Person.register();
  const [words, changes] = [[], []];
  await say(BASE_URL, person.id, person.token, null, (word) => words.push(word), (output) => changes.push(output));
  assert.deepEqual([words.join(''), changes.map(({ task }) => task.title)], ['It is there.', ['Milk']]);
  await assert.rejects(say(BASE_URL, person.id, 'x.y.z', null), /\.$/);
});

for (const version of VERSIONS) {
  test(`the page talks, stops, goes on and stays signed in with ai ${version}`, async () => {
    const { ai } = await load(version);
    assert.ok(ai.DefaultChatTransport);
    const [person, Page, browser] = [await Person.register(), await page(version), new Browser()];
    await browser.load(Page);
    await browser.signIn({ email: person.email, password: 'a wrong one' });
    await browser.sees('Wrong email or password');
    await browser.signIn(person);
    await browser.sees('Send');

    await browser.say(script('Add milk', add('Milk'), { say: 'It is on the list.' }));
    await browser.sees('[add_task] It is on the list.');
    await browser.sees('Send');

    // Its access token runs out: it is changed for another.
    const session = JSON.parse(localStorage.getItem('session'));
    localStorage.setItem('session', JSON.stringify({ ...session, access_token: 'x.y.z', renewAt: 0 }));
    await browser.say('Fall silent');
    await browser.sees('assistant: One two three');
    assert.notEqual(JSON.parse(localStorage.getItem('session')).refresh_token, session.refresh_token);

    // Loaded anew in the middle of an answer, it goes on, and can be stopped.
    await browser.load(Page);
    await browser.sees('assistant: One two three');
    assert.equal(browser.text.split('One two three').length, 2, 'once');
    await browser.press('Stop');
    await browser.sees('Send');

    await browser.say(script('Fail', { status: 401 }));
    await browser.sees('Try again');
    await browser.say(script('Hi', { say: 'Hello again.' }));
    await browser.sees('Hello again.');
    const { conversations } = await person.get('/conversations');
    const { messages } = await person.conversation(conversations[0].id);
    assert.deepEqual([conversations.length, textOf(messages[3]), messages[3].finish_reason], [1, 'One two three ', 'cancelled']);
    await act(() => browser.shown.unmount());
  });
}
