// What a machine can say about accessibility, on the page as it stands.
import AxeBuilder from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';
import { awake } from './portal';

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** Everything: names, axe on a wide light page and on a narrow dark one, reflow. */
export async function expectAccessible(page: Page, lang: 'pt-BR' | 'en' = 'pt-BR'): Promise<void> {
  await awake(page);
  await expectNamed(page, lang);
  await expectNoViolation(page, 'light');
  await expectReflow(page);
  await expectNoViolation(page, 'dark');
}

export async function expectNoViolation(page: Page, colorScheme: 'light' | 'dark'): Promise<void> {
  await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
  const { violations } = await new AxeBuilder({ page }).withTags(TAGS).analyze();
  const found = violations.flatMap(({ id, help, nodes }) => nodes.map((node) => `${id}: ${help}: ${node.html}\n${node.failureSummary}`));
  expect(found, colorScheme).toEqual([]);
}

/** One main heading, a title that tells the page and its state, the language. */
async function expectNamed(page: Page, lang: 'pt-BR' | 'en'): Promise<void> {
  await expect(page.locator('html')).toHaveAttribute('lang', lang);
  await expect(page.getByRole('heading', { level: 1 })).toHaveCount(1);
  await expect(page).toHaveTitle(/^\S.+ · e-Proc\/JMU$/);
  const wrong = await page.getByRole('alert').isVisible();
  expect((await page.title()).startsWith(lang === 'en' ? 'Error: ' : 'Erro: '), 'title says whether something is wrong').toBe(wrong);
}

/** At 320 px (400 % of 1280) nothing is cut off or needs scrolling sideways; what is pressed has 24 px. */
async function expectReflow(page: Page): Promise<void> {
  await page.setViewportSize({ width: 320, height: 640 });
  const wide = await page.evaluate(() => {
    const cut = [...document.querySelectorAll('main *, header *, footer *')].filter((element) => {
      const box = element.getBoundingClientRect();
      const hidden = element.closest('.visually-hidden, [hidden]');
      return !hidden && box.width > 0 && (box.right > 320.5 || box.left < -0.5);
    });
    return [document.documentElement.scrollWidth, ...cut.map((element) => element.outerHTML.slice(0, 120))];
  });
  expect(wide).toEqual([320]);
  const small = await page.locator('button, .button, input:not([type=hidden])').evaluateAll((targets) =>
    targets.flatMap((target) => {
      const { width, height } = target.getBoundingClientRect();
      const labelled = target.closest('label')?.getBoundingClientRect();
      const least = Math.min(Math.max(width, labelled?.width ?? 0), Math.max(height, labelled?.height ?? 0));
      return width > 0 && least < 24 ? [`${target.outerHTML.slice(0, 100)}: ${width} × ${height}`] : [];
    }),
  );
  expect(small).toEqual([]);
}
