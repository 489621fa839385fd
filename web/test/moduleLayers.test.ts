import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, test } from 'vitest';

const SRC = resolve(import.meta.dirname, '../src');

/** Each source file with the source files that it imports, by their paths below `src`. */
const files = new Map(
  readdirSync(SRC, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => [name, imports(name)]),
);

/** The folders, and the files that are in none, from the ground up: a file imports from its own layer and from lower ones. */
const LAYERS = [
  ['lazyModule.ts', 'newId.ts', 'sleep.ts', 'requiredContext.ts', 'storage.ts', 'store.ts'],
  ['ui'],
  ['api', 'session', 'page', 'offline', 'useSubmit.ts'],
  ['tasks'],
  ['chat'],
  ['conversations'],
  ['account', 'activity', 'consent', 'docs'],
  ['shell'],
  ['App.tsx'],
  ['main.tsx'],
];

function imports(name: string): string[] {
  const text = readFileSync(join(SRC, name), 'utf8');
  const specifiers = [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map((match) => match[1]!);
  return specifiers.flatMap((specifier) => {
    const path = relative(SRC, resolve(SRC, dirname(name), specifier));
    const found = ['', '.ts', '.tsx'].map((end) => path + end).find((file) => /\.tsx?$/.test(file) && exists(file));
    return found ? [found] : [];
  });
}

function exists(name: string): boolean {
  try {
    readFileSync(join(SRC, name));
    return true;
  } catch {
    return false;
  }
}

const layer = (name: string) => LAYERS.findIndex((members) => members.includes(name.split('/')[0]!));

test('every file has its layer, and imports point downwards', () => {
  expect(files.size).toBeGreaterThan(50);
  expect([...files.keys()].filter((name) => layer(name) === -1)).toEqual([]);
  const upwards = [...files].flatMap(([name, imported]) => imported.filter((other) => layer(other) > layer(name)).map((other) => `${name} imports ${other}`));
  expect(upwards).toEqual([]);
});

test('no files import each other in a circle', () => {
  const circles: string[] = [];
  const done = new Set<string>();
  const visit = (name: string, way: string[]) => {
    if (way.includes(name)) circles.push([...way.slice(way.indexOf(name)), name].join(' -> '));
    else if (!done.has(name)) {
      for (const other of files.get(name) ?? []) visit(other, [...way, name]);
      done.add(name);
    }
  };
  for (const name of files.keys()) visit(name, []);
  expect(circles).toEqual([]);
});
