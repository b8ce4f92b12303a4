// How long a step takes on a slow phone (processor four times slower, 1.5 Mbit/s, 60 ms): from the press to the new heading on the
// screen, by moving within the document and by loading a document, in turns within one run; and when the sign-in form can be used
// with an empty cache. Prints what docs/performance.md records.
import type { CDPSession, Page } from '@playwright/test';
import { expect, test } from './fixtures';
import { awake, TITLES } from './support/portal';
import type { World } from './support/world';

const ROUNDS = 10;

async function slowPhone(page: Page): Promise<CDPSession> {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Network.enable');
  await cdp.send('Network.emulateNetworkConditions', { offline: false, latency: 60, downloadThroughput: 1_500_000 / 8, uploadThroughput: 750_000 / 8 });
  await cdp.send('Emulation.setCPUThrottlingRate', { rate: 4 });
  return cdp;
}

/** Notes when a main heading other than the one before is on the screen: a frame after the one in which it stands there. */
const notePaint = () => {
  let last = '';
  const look = () => {
    const heading = document.querySelector('h1')?.textContent ?? '';
    if (heading !== last) {
      last = heading;
      requestAnimationFrame(() => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => Object.assign(window, { painted: { heading, at: Date.now() } });
        port2.postMessage(0);
      });
    }
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
};

/** Presses and waits for the heading; milliseconds between. */
async function timed(page: Page, selector: string, heading: string): Promise<number> {
  const pressed = await page.evaluate((selector) => {
    const target = document.querySelector<HTMLElement>(selector);
    if (!target) throw new Error(`no ${selector}`);
    const now = Date.now();
    target.click();
    return now;
  }, selector);
  const painted = () => page.evaluate(() => (window as unknown as { painted?: { heading: string; at: number } }).painted).catch(() => undefined);
  await expect.poll(async () => (await painted())?.heading, { intervals: [20], timeout: 30_000 }).toBe(heading);
  return (await painted())!.at - pressed;
}

const median = (times: number[]) => times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)];

/** Steps without a password: where one stands, what is pressed, where it leads, and back. */
const steps: Record<string, { reach(world: World): Promise<unknown>; path: string; press: string; to: string; back: string; title: string }> = {
  'mail sent → correct the address': {
    reach: (world) => world.mailed(),
    path: '/habilitar/email-enviado',
    press: 'a[href="/habilitar/corrigir-email"]',
    to: TITLES.changeAddress,
    back: 'a[href="/habilitar/email-enviado"]',
    title: TITLES.mailSent,
  },
  'home → account': {
    reach: (world) => world.home(),
    path: '/inicio',
    press: 'a[href="/conta"]',
    to: TITLES.account,
    back: 'a[href="/inicio"]',
    title: TITLES.home,
  },
  'notice → QR code': {
    reach: (world) => world.signedIn(),
    path: '/habilitar/aviso',
    press: 'form[action="/api/enrolment-begin"] button',
    to: TITLES.enrol,
    back: '',
    title: TITLES.notice,
  },
};

for (const [name, step] of Object.entries(steps)) {
  test(name, async ({ world, portal }) => {
    const { page } = portal;
    await step.reach(world);
    await page.addInitScript(notePaint);
    await slowPhone(page);
    const open = async (documents: boolean) => {
      await portal.open(step.path);
      await portal.at(step.title);
      await awake(page);
      // what boot.js does after a trap: links and forms are the browser's again
      if (documents) await page.evaluate(() => dispatchEvent(new ErrorEvent('error', { error: new WebAssembly.RuntimeError('documents') })));
      await page.waitForTimeout(200);
    };
    const times: Record<'moving' | 'documents', number[]> = { moving: [], documents: [] };
    await open(false); // fills the cache
    for (let round = 0; round < ROUNDS; round++) {
      for (const way of ['moving', 'documents'] as const) {
        await open(way === 'documents');
        times[way].push(await timed(page, step.press, step.to));
      }
    }
    const [moving, documents] = [median(times.moving), median(times.documents)];
    console.log(`${name}: moving ${moving} ms, documents ${documents} ms, ratio ${(moving / documents).toFixed(2)}  [${times.moving.join(' ')} / ${times.documents.join(' ')}]`);
  });
}

test('the sign-in form, empty cache', async ({ portal, browser, complaints }) => {
  complaints.allow(/./);
  const usable: number[] = [];
  const woke: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const context = await browser.newContext({ viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true });
    const page = await context.newPage();
    await page.addInitScript(notePaint);
    const cdp = await slowPhone(page);
    await cdp.send('Network.setCacheDisabled', { cacheDisabled: true });
    await page.goto(`${portal.base}/`, { waitUntil: 'commit' });
    const painted = () => page.evaluate(() => (window as unknown as { painted?: { at: number } }).painted?.at);
    await expect.poll(painted, { intervals: [20], timeout: 30_000 }).toBeTruthy();
    const origin = await page.evaluate(() => performance.timeOrigin);
    usable.push(Math.round((await painted())! - origin));
    await awake(page);
    woke.push(await page.evaluate(() => Math.round(performance.now())));
    await context.close();
  }
  console.log(`sign-in form: usable after ${median(usable)} ms [${usable.join(' ')}], the wasm runs after ${median(woke)} ms [${woke.join(' ')}]`);
});
