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

/** Notes when a main heading other than the one before is on the screen: right after the frame in which it stands there first. */
const notePaint = () => {
  let last = '';
  const look = () => {
    const heading = document.querySelector('h1')?.textContent ?? '';
    if (heading !== last) {
      last = heading;
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => Object.assign(window, { painted: { heading, at: Date.now() } });
      port2.postMessage(0);
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

/** Steps without a password: where one stands, what is pressed, where it leads. */
const steps: Record<string, { reach(world: World): Promise<unknown>; path: string; press: string; to: string; from: string }> = {
  'mail sent → correct the address': {
    reach: (world) => world.mailed(),
    path: '/habilitar/email-enviado',
    press: 'a[href="/habilitar/corrigir-email"]',
    to: TITLES.changeAddress,
    from: TITLES.mailSent,
  },
  'home → account': { reach: (world) => world.home(), path: '/inicio', press: 'a[href="/conta"]', to: TITLES.account, from: TITLES.home },
  'notice → QR code': {
    reach: (world) => world.signedIn(),
    path: '/habilitar/aviso',
    press: 'form[action="/api/enrolment-begin"] button',
    to: TITLES.enrol,
    from: TITLES.notice,
  },
};

for (const [name, step] of Object.entries(steps)) {
  test(name, async ({ world, portal }) => {
    await step.reach(world);
    const { page: moving } = portal;
    const documents = await moving.context().newPage();
    const arrive = async (page: Page) => {
      await expect(page.getByRole('heading', { level: 1 })).toHaveText(step.from);
      await awake(page);
      await page.waitForTimeout(200);
    };
    for (const page of [documents, moving]) {
      await page.addInitScript(notePaint);
      await slowPhone(page);
      await page.goto(portal.base + step.path);
      await arrive(page);
    }
    const times: Record<'moving' | 'documents', number[]> = { moving: [], documents: [] };
    for (let round = 0; round <= ROUNDS; round++) {
      // one document, in which one goes to and fro
      await moving.bringToFront();
      times.moving.push(await timed(moving, step.press, step.to));
      await moving.evaluate(() => history.back());
      await arrive(moving);
      // a document each time: what boot.js does after a trap, so that links and forms are the browser's
      await documents.bringToFront();
      await documents.evaluate(() => dispatchEvent(new ErrorEvent('error', { error: new WebAssembly.RuntimeError('documents') })));
      times.documents.push(await timed(documents, step.press, step.to));
      await documents.goto(portal.base + step.path);
      await arrive(documents);
    }
    // the first of each compiles what the others use again
    const [first, ...rest] = times.moving;
    const [, ...loaded] = times.documents;
    const ratio = (median(rest) / median(loaded)).toFixed(2);
    console.log(`${name}: moving ${median(rest)} ms (first ${first} ms), documents ${median(loaded)} ms, ratio ${ratio}  [${rest.join(' ')} / ${loaded.join(' ')}]`);
  });
}

test('the sign-in form, empty cache', async ({ portal, browser, complaints }) => {
  complaints.allow(/./);
  const usable: number[] = [];
  const woke: number[] = [];
  let bytes = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const context = await browser.newContext({ viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true });
    const page = await context.newPage();
    await page.addInitScript(notePaint);
    const cdp = await slowPhone(page);
    await cdp.send('Network.setCacheDisabled', { cacheDisabled: true });
    bytes = 0;
    cdp.on('Network.loadingFinished', ({ encodedDataLength }) => (bytes += encodedDataLength));
    await page.goto(`${portal.base}/`, { waitUntil: 'commit' });
    const painted = () => page.evaluate(() => (window as unknown as { painted?: { at: number } }).painted?.at);
    await expect.poll(painted, { intervals: [20], timeout: 30_000 }).toBeTruthy();
    const origin = await page.evaluate(() => performance.timeOrigin);
    usable.push(Math.round((await painted())! - origin));
    await awake(page);
    woke.push(await page.evaluate(() => Math.round(performance.now())));
    await page.waitForLoadState('networkidle');
    await context.close();
  }
  console.log(`sign-in form: usable after ${median(usable)} ms [${usable.join(' ')}], the wasm runs after ${median(woke)} ms [${woke.join(' ')}]; all it loads, with headers: ${bytes} bytes`);
});
