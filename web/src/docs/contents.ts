/** What a heading is found by: its words in lower case with hyphens between them. */
export const anchor = (words: string) =>
  words
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');

/** Lists the chapters of the prose, and the groups of operations once they are there. */
export function showContents(page: Document, groups: string[]): void {
  const list = page.getElementById('contents');
  if (!list) return;
  const entries: [string, string][] = [];
  for (const heading of page.querySelectorAll('.text h2')) {
    const words = heading.textContent ?? '';
    heading.id ||= anchor(words);
    entries.push([heading.id, words]);
  }
  const chapters = entries.map(([id, words]) => entry(page, id, words));
  const below = groups.map((name) => entry(page, `operations-tag-${name.replaceAll(' ', '_')}`, name));
  below.forEach((item) => item.classList.add('below'));
  list.replaceChildren(...chapters, ...below);
}

function entry(page: Document, id: string, words: string): HTMLLIElement {
  const item = page.createElement('li');
  const link = page.createElement('a');
  link.href = `#${id}`;
  link.textContent = words;
  // Swagger UI reads the part after `#` too, and would write its own there.
  link.addEventListener('click', (event) => {
    event.preventDefault();
    page.getElementById(id)?.scrollIntoView();
  });
  item.append(link);
  return item;
}
