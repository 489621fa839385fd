// Compresses what the server embeds, once and as well as it goes, so that it never has to.
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';

const TEXT = new Set(['.css', '.html', '.js', '.svg', '.webmanifest']);
const dist = new URL('../dist/', import.meta.url).pathname;

for (const file of await readdir(dist, { recursive: true })) {
  if (!TEXT.has(extname(file))) continue;
  const bytes = await readFile(join(dist, file));
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
  await writeFile(join(dist, `${file}.br`), brotliCompressSync(bytes, { params }));
}
