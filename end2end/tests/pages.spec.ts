// What holds of every page in every state, wide and on a phone, so that somebody with five minutes finds the one thing to press.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '../fixtures';
import { awake } from '../support/portal';
import { states } from '../support/states';
import { wordsBeforePrimary } from '../support/words';
import type { Page } from '@playwright/test';

/** Words before the primary button as they stood when they were first counted (docs/performance.md). */
const wordsBefore: Record<string, number> = JSON.parse(readFileSync(join(import.meta.dirname, '../words.json'), 'utf8'));

/** Read for its words, with nothing to press. */
const NO_ACTION = 'privacy';

/** What comes next is done in the mailbox: the only button there is does not stand out. */
const IN_MAILBOX = ['mail-sent', 'mail-sent-again', 'mail-sent-signed-in', 'mail-sent-too-soon', 'mail-sent-retrying', 'mail-sent-provisional'];

/** Buttons that look primary: filled with the colour of a primary (or a dangerous) act. */
const filledButtons = (page: Page) =>
  page.locator('main .button').evaluateAll((buttons) =>
    buttons.flatMap((button) => {
      if (!button.checkVisibility({ contentVisibilityAuto: true })) return [];
      const filled = document.createElement('a');
      filled.className = `button ${button.classList.contains('danger') ? 'danger' : 'primary'}`;
      document.body.append(filled);
      const colour = getComputedStyle(filled).backgroundColor;
      filled.remove();
      return getComputedStyle(button).backgroundColor === colour ? [button.textContent?.trim()] : [];
    }),
  );

/** Texts of the support's telephone number that cannot be dialled by a press. */
const deadNumbers = (page: Page) =>
  page.evaluate(() => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const dead: string[] = [];
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      if (node.textContent?.includes('3313-9144') && !node.parentElement?.closest('a[href="tel:+556133139144"]')) dead.push(node.textContent);
    }
    return dead;
  });

/** What is pressed or typed into and is less than a thumb high. Links within a sentence are as high as the sentence. */
const lowControls = (page: Page) =>
  page.locator('main :is(button, .button, .input, summary), footer :is(button, a)').evaluateAll((controls) =>
    controls.flatMap((control) => {
      const { width, height } = control.getBoundingClientRect();
      return width > 0 && height < 47.5 ? [`${control.outerHTML.slice(0, 120)}: ${height}`] : [];
    }),
  );

for (const [name, reach] of Object.entries(states)) {
  test(name, { tag: '@js' }, async ({ world, portal, complaints }, { project }) => {
    const { page } = portal;
    const phone = project.name === 'phone';
    if (name === 'not-found') complaints.allow(/status of 404/);
    // no colour on its way to another
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await reach(world);
    await awake(page);
    // nothing under the pointer, which would colour it
    await page.mouse.move(0, 0);

    if (name !== NO_ACTION) expect(await filledButtons(page), 'primary buttons').toHaveLength(IN_MAILBOX.includes(name) ? 0 : 1);
    if (IN_MAILBOX.includes(name)) await expect(page.locator('main .button:not(.quiet)').filter({ visible: true })).toHaveCount(1);
    if (wordsBefore[name] && name !== NO_ACTION) {
      expect(await wordsBeforePrimary(page), 'words before the primary button').toBeLessThanOrEqual(0.6 * wordsBefore[name]);
    }
    expect(await deadNumbers(page)).toEqual([]);
    if (phone) expect(await lowControls(page)).toEqual([]);

    // the field to be mended and its message, together and without scrolling
    const summary = page.locator('.summary');
    if (await summary.isVisible()) {
      expect(await page.evaluate(() => scrollY)).toBe(0);
      await expect(summary).toBeInViewport({ ratio: 1 });
      const first = summary.getByRole('link').first();
      if (await first.isVisible()) {
        const field = page.locator(((await first.getAttribute('href')) ?? '').replace(/^tel:.*/, 'main'));
        if ((await field.getAttribute('id')) !== 'main') await expect(field).toBeInViewport({ ratio: 1 });
      }
    }
  });
}

test.describe('the enrol page, wide', { tag: ['@desktop'] }, () => {
  for (const [name, what] of [['enrol', '.qr-image'], ['enrol-key', '.key']] as const) {
    test(`${name}: ${what}, code, address and button are in sight without scrolling`, async ({ world, portal }) => {
      const { page } = portal;
      await states.enrol(world);
      if (name === 'enrol-key') await page.locator('summary', { hasText: 'Não consegue ler o QR code?' }).click();
      expect(await page.evaluate(() => scrollY)).toBe(0);
      for (const seen of [page.locator(what), portal.code, portal.email, portal.button('Enviar link de ativação')]) {
        await expect(seen).toBeInViewport({ ratio: 1 });
      }
      await expect(portal.link('Abrir no aplicativo autenticador')).toBeHidden();
    });
  }
});

test.describe('the enrol page, phone', { tag: '@phone' }, () => {
  test('opens the app first; the code is in sight; QR code and key are folded', async ({ world, portal }) => {
    const { page } = portal;
    await states.enrol(world);
    const open = portal.link('Abrir no aplicativo autenticador');
    expect(await filledButtons(page)).toEqual(['Abrir no aplicativo autenticador']);
    await expect(open).toBeInViewport({ ratio: 1 });
    await expect(portal.code).toBeInViewport({ ratio: 1 });
    await expect(page.locator('.qr-image')).toBeHidden();
    await expect(page.locator('.key')).toBeHidden();
    // once something is typed, sending is what comes next
    await portal.code.fill('1');
    await page.locator('h1').click();
    await expect.poll(() => filledButtons(page)).toEqual(['Enviar link de ativação']);
    await page.locator('summary', { hasText: 'O aplicativo está em outro aparelho?' }).click();
    await expect(page.locator('.qr-image')).toBeVisible();
  });
});
