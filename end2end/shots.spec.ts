// end2end/shots/<state>-<width>-<scheme>.png; sheet.png with all of them; filmstrip.png, the journey on a phone, which README shows
// in docs/journey.png, a copy made by hand.
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from './fixtures';
import { awake } from './support/portal';
import { states } from './support/states';

const folder = join(import.meta.dirname, 'shots');
const variants = [360, 1280].flatMap((width) => (['light', 'dark'] as const).map((scheme) => ({ width, scheme })));
const file = (name: string, { width, scheme }: (typeof variants)[number]) => `${name}-${width}-${scheme}.png`;

for (const [name, reach] of Object.entries(states)) {
  test(name, { tag: '@pages' }, async ({ world, portal, complaints }) => {
    if (name === 'not-found') complaints.allow(/status of 404/);
    await reach(world);
    await awake(portal.page);
    for (const variant of variants) {
      await portal.page.setViewportSize({ width: variant.width, height: variant.width === 360 ? 740 : 900 });
      await portal.page.emulateMedia({ colorScheme: variant.scheme, reducedMotion: 'reduce' });
      await portal.page.screenshot({ path: join(folder, file(name, variant)), fullPage: true });
    }
  });
}

/** The journey, in the order in which one goes it. */
const JOURNEY = ['sign-in', 'notice', 'enrol', 'mail-sent', 'link', 'activated', 'code', 'home'];

test('filmstrip', { tag: '@sheet' }, async ({ page }) => {
  const card = (name: string) => `<img src="${file(name, variants[0])}">`;
  const html = `<!doctype html><meta charset="utf-8"><title>eproc-2fa</title><style>
    body { margin: 0; padding: 12px; background: #c9d3e3; display: flex; gap: 12px; width: max-content }
    img { width: 216px; height: 444px; object-fit: cover; object-position: top }
  </style>${JOURNEY.map(card).join('')}`;
  const path = join(folder, 'filmstrip.html');
  await writeFile(path, html);
  await page.setViewportSize({ width: 24 + JOURNEY.length * 228 - 12, height: 468 });
  await page.goto(pathToFileURL(path).href);
  await expect.poll(() => page.evaluate(() => [...document.images].every((image) => image.complete && image.naturalWidth > 0))).toBe(true);
  await page.screenshot({ path: join(folder, 'filmstrip.png') });
});

test('sheet', { tag: '@sheet' }, async ({ page }) => {
  const images = (name: string) => variants.map((variant) => file(name, variant)).filter((name) => existsSync(join(folder, name)));
  const card = (name: string) =>
    `<figure><figcaption>${name}</figcaption>${images(name).map((image) => `<img src="${image}">`).join('')}</figure>`;
  const html = `<!doctype html><meta charset="utf-8"><title>eproc-2fa</title><style>
    body { margin: 24px; background: #777; font: 14px sans-serif; color: #fff; display: flex; flex-wrap: wrap; gap: 24px; width: 3000px }
    figure { margin: 0; display: grid; grid-template-columns: auto auto auto auto; gap: 6px; align-items: start }
    figcaption { grid-column: 1 / -1 } img { height: 380px }
  </style>${Object.keys(states).map(card).join('')}`;
  const path = join(folder, 'sheet.html');
  await writeFile(path, html);
  await page.setViewportSize({ width: 3048, height: 1000 });
  await page.goto(pathToFileURL(path).href);
  await expect.poll(() => page.evaluate(() => [...document.images].every((image) => image.complete && image.naturalWidth > 0))).toBe(true);
  // hundreds of pictures on one page
  await page.screenshot({ path: join(folder, 'sheet.png'), fullPage: true, timeout: 50_000 });
});
