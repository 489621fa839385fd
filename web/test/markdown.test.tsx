import { renderToStaticMarkup } from 'react-dom/server';
import { expect, test } from 'vitest';
import { Markdown } from '../src/chat/Markdown';

const html = (text: string, growing = false) => renderToStaticMarkup(<Markdown text={text} growing={growing} />);

test('HTML in the text stays text', () => {
  const out = html('Hi <img src=x onerror=alert(1)> <script>alert(1)</script>\n\n<div onclick="x()">block</div>');
  expect(out).not.toMatch(/<(img|script|div onclick)/);
  expect(out).toContain('&lt;img src=x onerror=alert(1)&gt;');
});

test('links open apart and tell nothing; strange ones are words', () => {
  expect(html('[a](https://example.com)')).toContain('<a href="https://example.com" target="_blank" rel="noopener noreferrer">a</a>');
  expect(html('[a](javascript:alert(1))')).not.toContain('href');
  expect(html('[a](data:text/html,x)')).not.toContain('href');
});

test('pictures are not fetched', () => {
  const out = html('![cat](https://evil.example/cat.png?q=secret)');
  expect(out).not.toContain('<img');
  expect(out).toContain('>cat</a>');
});

test('numbers of a list stay what was written', () => {
  expect(html('6. a\n5. b\n2. c')).toMatch(/value="6".*value="5".*value="2"/s);
});

test('half-written marks do not flicker while the answer grows', () => {
  expect(html('This is **bo', true)).toContain('<strong>bo</strong>');
  expect(html('This is **bo', false)).not.toContain('<strong>');
});

test('headings start below the headings of the page', () => {
  expect(html('# Top')).toContain('<h3 dir="auto">Top</h3>');
});

test('a box of a list is a box, whether or not there are empty lines in between', () => {
  for (const between of ['\n', '\n\n']) {
    const out = html(`- [ ] milk${between}- [x] bread\n  - [ ] rye`);
    expect(out.match(/<input type="checkbox"/g)).toHaveLength(3);
    expect(out).toMatch(/aria-label="not done".*milk.*aria-label="done".*bread.*aria-label="not done".*rye/s);
    expect(out).not.toContain('[');
  }
});
