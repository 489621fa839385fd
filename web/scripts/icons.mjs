// Draws the icons that need pixels from public/favicon.svg into public/, with the browser of the e2e tests.
// Run it again when the mark changes: npm run icons.
import { readFileSync, writeFileSync } from 'node:fs';
import { chromium } from '@playwright/test';

const PUBLIC = new URL('../public/', import.meta.url);
const mark = readFileSync(new URL('favicon.svg', PUBLIC), 'utf8');
/** Without round corners: the system cuts its own shape out of it. */
const square = mark.replace(/ rx="[^"]*"/, '');
/** What a system may cut away of a maskable icon: everything outside of a circle of 80 % of its width. */
const SAFE = 0.8;

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
const page = await browser.newPage();

async function draw(svg, size) {
  await page.setViewportSize({ width: size, height: size });
  await page.setContent(`<style>body { margin: 0 } svg { display: block; width: ${size}px; height: ${size}px }</style>${svg}`);
  return page.screenshot({ omitBackground: true });
}

/** Shrinks the check mark towards the middle and leaves the ground as it is. */
function withinSafeZone(svg) {
  const gap = (32 * (1 - SAFE)) / 2;
  return svg.replace('<path', `<path transform="translate(${gap} ${gap}) scale(${SAFE})"`);
}

/** An .ico file that holds one PNG: https://en.wikipedia.org/wiki/ICO_(file_format). */
function ico(png, size) {
  const head = Buffer.alloc(22);
  head.writeUInt16LE(1, 2); // an icon
  head.writeUInt16LE(1, 4); // of one picture
  head.writeUInt8(size, 6);
  head.writeUInt8(size, 7);
  head.writeUInt16LE(1, 10); // colour planes
  head.writeUInt16LE(32, 12); // bits for each pixel
  head.writeUInt32LE(png.length, 14);
  head.writeUInt32LE(head.length, 18); // where the PNG begins
  return Buffer.concat([head, png]);
}

const files = {
  'favicon.ico': ico(await draw(mark, 32), 32),
  'apple-touch-icon.png': await draw(square, 180),
  'icon-192.png': await draw(mark, 192),
  'icon-512.png': await draw(mark, 512),
  'icon-maskable-512.png': await draw(withinSafeZone(square), 512),
};
await browser.close();
for (const [name, bytes] of Object.entries(files)) {
  writeFileSync(new URL(name, PUBLIC), bytes);
  console.log(`${String(bytes.length).padStart(6)}  ${name}`);
}
