// Holds the budget of the first load: everything a signed-in person's page needs before it can be used,
// compressed with brotli as it is served. That is what index.html names, the workspace page, and what these
// import statically; what is imported with `import()` comes later.
import { readdirSync, readFileSync } from 'node:fs';
import { brotliCompressSync } from 'node:zlib';

const BUDGET = 150_000;
const dist = new URL('../dist/', import.meta.url);
const assets = new URL('assets/', dist);
const names = readdirSync(assets).filter((name) => /\.(js|css)$/.test(name) && !name.startsWith('docs-'));

const first = new Set();
function visit(name) {
  if (first.has(name)) return;
  first.add(name);
  if (!name.endsWith('.js')) return;
  const code = readFileSync(new URL(name, assets), 'utf8');
  for (const [, other] of code.matchAll(/(?:\bfrom|\bimport)\s*["'`]\.\/([^"'`]+)["'`]/g)) visit(other);
}

for (const [, name] of readFileSync(new URL('index.html', dist), 'utf8').matchAll(/\/assets\/([^"]+\.(?:js|css))"/g)) visit(name);
const workspace = names.filter((name) => name.startsWith('WorkspacePage-'));
if (first.size === 0 || !workspace.some((name) => name.endsWith('.js'))) throw new Error('index.html or the workspace page is not among what was built.');
for (const name of workspace) visit(name);

let sum = 0;
for (const name of names) {
  const bytes = brotliCompressSync(readFileSync(new URL(name, assets))).length;
  if (first.has(name)) sum += bytes;
  console.log(`${String(bytes).padStart(8)}  ${first.has(name) ? 'first   ' : 'deferred'}  ${name}`);
}
console.log(`${String(sum).padStart(8)}  first load, of ${BUDGET}`);
if (sum > BUDGET) {
  console.error('The first load is over its budget.');
  process.exit(1);
}
