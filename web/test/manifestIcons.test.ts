import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const file = (name: string) => readFileSync(new URL(`../public/${name.replace(/^\//, '')}`, import.meta.url));

/** Width and height in the first chunk of a PNG: https://www.w3.org/TR/png-3/#11IHDR. */
const sizeOf = (png: Buffer) => `${png.readUInt32BE(16)}x${png.readUInt32BE(20)}`;

test('the manifest names icons that are there, in the sizes it says, one of them maskable', () => {
  const { icons } = JSON.parse(file('manifest.webmanifest').toString()) as { icons: Array<{ src: string; sizes: string; type: string; purpose?: string }> };
  const drawn = icons.filter((icon) => icon.type === 'image/png');
  expect(drawn.map((icon) => sizeOf(file(icon.src)))).toEqual(drawn.map((icon) => icon.sizes));
  expect(drawn.map((icon) => icon.sizes)).toEqual(expect.arrayContaining(['192x192', '512x512']));
  expect(drawn.filter((icon) => icon.purpose === 'maskable')).toHaveLength(1);
});

test('favicon.ico and the icon of iOS are there', () => {
  expect(sizeOf(file('apple-touch-icon.png'))).toBe('180x180');
  const ico = file('favicon.ico');
  expect(ico.subarray(0, 6)).toEqual(Buffer.from([0, 0, 1, 0, 1, 0]));
  expect(sizeOf(ico.subarray(ico.readUInt32LE(18)))).toBe('32x32');
});
