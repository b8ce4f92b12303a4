// How much there is to read before the thing to press.
import type { Page } from '@playwright/test';

/** The words that are seen above or before the primary button, in the order of the document: the bar and the steps too. Where none
 * is filled it is the only button that is not quiet; a page without one way on is counted to the end of its main part. Marks
 * without a letter or digit are no words. */
export const wordsBeforePrimary = (page: Page) =>
  page.evaluate(() => {
    const main = document.getElementById('main')!;
    const seen = (element: Element | null) =>
      !!element?.checkVisibility({ contentVisibilityAuto: true, visibilityProperty: true }) && getComputedStyle(element).clipPath !== 'inset(50%)';
    const loud = [...main.querySelectorAll('.button:not(.quiet)')].filter(seen);
    const primary = loud.find((button) => button.matches('.primary, .danger')) ?? (loud.length === 1 ? loud[0] : undefined);
    const range = document.createRange();
    range.setStart(document.body, 0);
    if (primary) range.setEndBefore(primary);
    else range.setEndAfter(main);
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const texts: string[] = [];
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const parent = node.parentElement;
      if (!range.intersectsNode(node) || !seen(parent) || parent?.closest('.visually-hidden, .skip, svg, script, style')) continue;
      texts.push(node.textContent ?? '');
    }
    return texts.join(' ').split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word)).length;
  });
