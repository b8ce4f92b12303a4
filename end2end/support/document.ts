// What a browser does while pages come and go in one document: documents, requests, layout shifts, long tasks.
import { expect, type Page } from '@playwright/test';

/** The server functions that a waiting page asks; no step of a person. */
const QUESTIONS = /\/api\/(enrolment|sync)-progress$/;

export class Watch {
  /** Documents loaded. */
  documents = 0;
  /** Requests of steps: server functions and pages, not files and not questions. */
  readonly steps: string[] = [];
  /** Questions of waiting pages. */
  readonly questions: string[] = [];

  constructor(readonly page: Page) {
    page.on('domcontentloaded', () => this.documents++);
    page.on('request', (request) => {
      if (request.frame() !== page.mainFrame()) return;
      const path = new URL(request.url()).pathname;
      if (QUESTIONS.test(path)) this.questions.push(path);
      else if (request.resourceType() === 'fetch' && !path.startsWith('/pkg/')) this.steps.push(`${request.method()} ${path}`);
    });
  }

  /** Runs an action that leads to a page; it must cost exactly one request. */
  async step(action: () => Promise<unknown>, arrived: () => Promise<unknown>): Promise<void> {
    const before = this.steps.length;
    await action();
    await arrived();
    expect(this.steps.slice(before), 'one request a step').toHaveLength(1);
  }
}

/** Counts from the first page on, in the document itself: a new document would begin again. */
export async function measureFrom(page: Page): Promise<void> {
  await page.evaluate(() => {
    const seen = { shifts: [] as string[], longest: 0 };
    Object.assign(window, { seen });
    // what somebody unfolds moves what stands below it: asked for, and no fault
    let unfolded = -Infinity;
    const noteUnfolding = (event: Event) => {
      if ((event.target as Element).closest('summary')) unfolded = performance.now();
    };
    document.addEventListener('click', noteUnfolding, true);
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as unknown as { value: number; hadRecentInput: boolean; startTime: number; sources: { node?: Element }[] }[]) {
        if (entry.hadRecentInput && entry.startTime - unfolded < 500) continue;
        seen.shifts.push(`${entry.value.toFixed(4)} input=${entry.hadRecentInput} ${entry.sources.map(({ node }) => node?.outerHTML?.slice(0, 60) ?? node?.textContent?.slice(0, 40)).join(' | ')}`);
      }
    }).observe({ type: 'layout-shift', buffered: true });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) seen.longest = Math.max(seen.longest, entry.duration);
    }).observe({ type: 'longtask', buffered: true });
  });
}

export const measured = (page: Page) => page.evaluate(() => (window as unknown as { seen: { shifts: string[]; longest: number } }).seen);
