// What every test is given, and what every test must not do: write to the console, or ask another origin for anything.
import { type BrowserContext, expect, test as base } from '@playwright/test';
import { type Demo, startDemo } from './support/demo';
import { Desk } from './support/desk';
import { Portal } from './support/portal';
import { World } from './support/world';

interface Fixtures {
  world: World;
  portal: Portal;
  desk: Desk;
  /** What went wrong on the way; `allow` names what this one test expects. */
  complaints: { found: string[]; allow(pattern: RegExp): void; watch(context: BrowserContext): void };
}

export const test = base.extend<Fixtures, { demo: Demo }>({
  demo: [
    async ({}, use) => {
      const demo = await startDemo();
      await new Desk(demo.deskUrl).toMorning();
      await use(demo);
      await demo.stop();
    },
    { scope: 'worker', timeout: 30_000 },
  ],

  complaints: [
    async ({ demo }, use) => {
      const found: string[] = [];
      const allowed: RegExp[] = [];
      const ours = [demo.jmu, demo.stm];
      const watch = (context: BrowserContext) => {
        context.on('console', (message) => found.push(`console: ${message.text()}`));
        context.on('weberror', (error) => found.push(`page error: ${error.error()}`));
        context.on('request', (request) => {
          const origin = new URL(request.url()).origin;
          if (origin !== 'null' && !ours.includes(origin)) found.push(`request elsewhere: ${request.url()}`);
        });
      };
      await use({ found, allow: (pattern) => allowed.push(pattern), watch });
      expect(found.filter((line) => !allowed.some((pattern) => pattern.test(line)))).toEqual([]);
    },
    { auto: true },
  ],

  desk: async ({ demo }, use) => {
    const desk = new Desk(demo.deskUrl);
    await use(desk);
    await desk.stm('on');
    demo.mailbox.busy = false;
  },

  portal: async ({ page, demo, complaints, javaScriptEnabled }, use) => {
    complaints.watch(page.context());
    await use(new Portal(page, demo.jmu, javaScriptEnabled));
  },

  world: async ({ demo, desk, portal, browser, complaints }, use) => {
    const others: BrowserContext[] = [];
    const watch = (page: { context(): BrowserContext }) => {
      others.push(page.context());
      complaints.watch(page.context());
    };
    await use(new World(demo, desk, portal, browser, watch));
    await Promise.all(others.map((context) => context.close()));
  },
});

export { expect };
