// Holds the budget of the first load: everything a signed-in person's page needs before it can be used,
// compressed with brotli as it is served. The page that signs in, the one that lets programs in, dialogs, the conversations drawer, the readers of dates
// and of Markdown, the editor of a task and what a tool's card opens to are loaded after that.
import { readdirSync, readFileSync } from 'node:fs';
import { brotliCompressSync } from 'node:zlib';

const BUDGET = 150_000;
const DEFERRED = /^(docs|deferredComponents|AuthPage|ConsentPage|Field|Markdown|ProviderButtons|quickEntry|ScopeBoxes|SignInOptions|useServerInfo|useSubmit)-/;
const assets = new URL('../dist/assets/', import.meta.url);

let sum = 0;
for (const file of readdirSync(assets).filter((name) => /\.(js|css)$/.test(name))) {
  const bytes = brotliCompressSync(readFileSync(new URL(file, assets))).length;
  const deferred = DEFERRED.test(file);
  if (!deferred) sum += bytes;
  console.log(`${String(bytes).padStart(8)}  ${deferred ? 'deferred' : 'first   '}  ${file}`);
}
console.log(`${String(sum).padStart(8)}  first load, of ${BUDGET}`);
if (sum > BUDGET) {
  console.error('The first load is over its budget.');
  process.exit(1);
}
