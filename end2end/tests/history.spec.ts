// Back, Forward and what is pressed meanwhile: page, address and history never come apart.
import type { Page } from '@playwright/test';
import { expect, test } from '../fixtures';
import { Watch } from '../support/document';
import { awake, type Portal, TITLES } from '../support/portal';

/** Holds the answers to a path until they are let go. */
async function hold(page: Page, path: string): Promise<() => Promise<void>> {
  let release = () => {};
  const held = new Promise<void>((done) => (release = done));
  const handler = async (route: { continue(): Promise<void> }) => {
    await held;
    await route.continue().catch(() => {});
  };
  await page.route((url) => url.pathname === path, handler);
  return async () => {
    release();
    await page.waitForTimeout(300);
    await page.unrouteAll({ behavior: 'ignoreErrors' });
  };
}

const at = (page: Page) => expect.poll(() => new URL(page.url()).pathname);

test.describe('history', { tag: '@js' }, () => {
  /** Sign-in page, then privacy. */
  const twoPages = async (portal: Portal) => {
    await portal.open();
    await awake(portal.page);
    await portal.follow('Privacidade');
    await portal.at('Privacidade');
  };

  test('Back and at once Forward stays where one was', async ({ portal }) => {
    const { page } = portal;
    await twoPages(portal);
    const release = await hold(page, '/');
    await page.evaluate(() => history.back());
    await at(page).toBe('/');
    await page.evaluate(() => history.forward());
    await at(page).toBe('/privacidade');
    await release();
    await portal.at('Privacidade');
    await at(page).toBe('/privacidade');
    await page.goBack();
    await portal.at(TITLES.signIn);
    await page.goForward();
    await portal.at('Privacidade');
  });

  test('a button pressed while Back is under way belongs to the page that is shown', async ({ portal }) => {
    const { page } = portal;
    await twoPages(portal);
    const release = await hold(page, '/');
    await page.evaluate(() => history.back());
    await at(page).toBe('/');
    await portal.press('English');
    await portal.at('Privacy');
    await at(page).toBe('/privacidade');
    await release();
    await portal.at('Privacy');
    await page.goBack();
    await portal.at('Sign in');
    await at(page).toBe('/');
  });

  test('a Back that failed is made again by its button, and Forward is still there', async ({ portal, complaints }) => {
    complaints.allow(/ERR_INTERNET_DISCONNECTED/);
    const { page } = portal;
    const watch = new Watch(page);
    await twoPages(portal);
    await page.context().setOffline(true);
    await page.evaluate(() => history.back());
    await expect(page.getByRole('alert')).toBeFocused();
    await at(page).toBe('/privacidade');
    await page.context().setOffline(false);
    await portal.press('Tentar de novo');
    await portal.at(TITLES.signIn);
    await at(page).toBe('/');
    await page.goForward();
    await portal.at('Privacidade');
    expect(watch.documents).toBe(1);
  });

  test('places inside a page are counted too', async ({ portal, complaints }) => {
    complaints.allow(/ERR_INTERNET_DISCONNECTED/);
    const { page } = portal;
    await portal.open();
    await awake(page);
    await portal.press('Entrar');
    await page.getByRole('alert').getByRole('link', { name: 'Digite o seu usuário.' }).click();
    await expect(portal.field('Usuário')).toBeFocused();
    await portal.follow('Privacidade');
    await portal.at('Privacidade');
    // without network the move is taken back to this entry, not one further
    await page.context().setOffline(true);
    await page.evaluate(() => history.back());
    await expect(page.getByRole('alert')).toBeFocused();
    await at(page).toBe('/privacidade');
    await page.context().setOffline(false);
    await page.goBack();
    await portal.at(TITLES.signIn);
    await page.goBack();
    await portal.at(TITLES.signIn);
    expect(new URL(page.url()).hash).toBe('');
    await page.goForward();
    await page.goForward();
    await portal.at('Privacidade');
  });

  test('a link that is pressed twice keeps its words', { tag: '@once' }, async ({ world, portal, complaints }) => {
    complaints.allow(/ERR_FAILED|Failed to load/);
    const { page } = portal;
    await world.mailed();
    await portal.open('/habilitar/email-enviado');
    await awake(page);
    const link = page.locator('a[href="/habilitar/corrigir-email"]');
    await page.locator('summary').click();
    let fail = () => {};
    const failing = new Promise<void>((done) => (fail = done));
    await page.route('**/habilitar/corrigir-email', async (route) => {
      await failing;
      await route.abort().catch(() => {});
    });
    await link.click();
    await expect(link).toHaveText('Aguarde…');
    await link.click();
    await page.waitForTimeout(400);
    fail();
    await expect(page.getByRole('alert')).toBeFocused();
    await expect(link).toHaveText('Corrigir o endereço');
    await expect(link).not.toHaveAttribute('aria-busy');
  });

  test('trying again never loses the focus', { tag: '@once' }, async ({ portal, complaints }) => {
    complaints.allow(/ERR_INTERNET_DISCONNECTED/);
    const { page } = portal;
    await portal.open();
    await awake(page);
    await page.context().setOffline(true);
    await portal.follow('Privacidade');
    await expect(page.getByRole('alert')).toBeFocused();
    await page.context().setOffline(false);
    const release = await hold(page, '/privacidade');
    await portal.press('Tentar de novo');
    await expect(page.getByRole('alert')).toBeHidden();
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('A');
    await release();
    await portal.at('Privacidade');
  });

  test('after a trap Back loads a document', { tag: '@once' }, async ({ portal, complaints }) => {
    complaints.allow(/unreachable/);
    const { page } = portal;
    const watch = new Watch(page);
    await twoPages(portal);
    await page.evaluate(() => dispatchEvent(new ErrorEvent('error', { error: new WebAssembly.RuntimeError('unreachable') })));
    await page.goBack();
    await portal.at(TITLES.signIn);
    await at(page).toBe('/');
    expect(watch.documents).toBe(2);
  });

  test('a refused password is never typed again, in whatever language the answer comes', { tag: '@once' }, async ({ world, portal }) => {
    const { page } = portal;
    const person = await world.newPerson();
    await portal.open();
    await awake(page);
    const tab = await page.context().newPage();
    await tab.goto(portal.base);
    await awake(tab);
    await tab.getByRole('button', { name: 'English' }).click();
    await expect(tab.locator('html')).toHaveAttribute('lang', 'en');
    await portal.signIn(person, 'Entrar', 'outra senha');
    await expect(page.getByRole('alert')).toBeFocused();
    await expect(page.locator('html')).toHaveAttribute('lang', 'en');
    await expect(page.locator('#login')).toHaveValue(person.sigla);
    await expect(page.locator('#password')).toHaveValue('');
  });

  test('the language of a link page leaves the link in its place', { tag: '@once' }, async ({ world, portal }) => {
    const { page } = portal;
    const { link } = await world.mailed();
    await portal.open(link);
    await portal.at(TITLES.link);
    await portal.press('English');
    await expect(page.locator('html')).toHaveAttribute('lang', 'en');
    await page.getByRole('button', { name: 'Confirm', exact: true }).waitFor();
    expect(page.url()).toBe(link);
    await page.goBack();
    await page.getByRole('button', { name: 'Confirm', exact: true }).waitFor();
    expect(page.url()).toBe(link);
  });
});
