// One person with one phone: the browser, the authenticator app and the mailbox share one screen, and the tab is thrown away
// while another app is in front.
import type { Page } from '@playwright/test';
import { expect, test } from '../fixtures';
import { discardAndReturn } from '../support/discard';
import { PASSWORD } from '../support/people';
import { awake, TITLES } from '../support/portal';
import { secretOf } from '../support/qr';

/** The phone goes to another app, and comes back to the tab, which was kept. */
const comeBack = (page: Page) =>
  page.evaluate(() => {
    for (const state of ['hidden', 'visible']) {
      Object.defineProperty(document, 'hidden', { configurable: true, get: () => state === 'hidden' });
      document.dispatchEvent(new Event('visibilitychange'));
    }
  });

test.describe('on one phone', { tag: ['@phone', '@js'] }, () => {
  test('the whole way in at most twelve actions, the tab thrown away twice', async ({ world, portal, desk }) => {
    const person = await world.newPerson({ stm: 'same' });
    let documents = 0;
    let actions = 0;
    portal.page.context().on('request', (request) => void (documents += Number(request.resourceType() === 'document')));
    /** One thing that the person does. */
    const act = async (what: () => Promise<unknown>) => {
      actions++;
      await what();
    };
    const began = Date.now();
    let tab = portal;
    await tab.open();
    await awake(tab.page);
    await act(() => tab.field('Usuário').fill(person.sigla));
    await act(() => tab.page.locator('#password').fill(PASSWORD));
    await act(() => tab.press('Autenticação em dois fatores'));
    await tab.at(TITLES.notice);
    await act(() => tab.press('Prosseguir'));
    await tab.at(TITLES.enrol);
    const app = tab.link('Abrir no aplicativo autenticador');
    const secret = secretOf((await app.getAttribute('href'))!);
    await act(() => app.click());
    // in the app: the account is saved
    await act(async () => {});
    tab = await discardAndReturn(tab);
    await tab.at(TITLES.enrol);
    await awake(tab.page);
    await expect(tab.code).toBeFocused();
    await expect(tab.code).toBeInViewport({ ratio: 1 });
    await act(async () => tab.code.fill(await desk.code(secret)));
    await act(() => tab.email.fill(person.email));
    await act(() => tab.press('Enviar link de ativação'));
    await tab.at(TITLES.mailSent);
    // in the mailbox: the link is pressed, and opens in a tab of the same browser
    const mail = await world.mailbox.take(person.email, 'Falta confirmar');
    const opened = await tab.page.context().newPage();
    await act(() => opened.goto(mail.link));
    await opened.getByRole('button', { name: 'Confirmar', exact: true }).click();
    actions++;
    await expect(opened.getByRole('heading', { level: 1 })).toHaveText(TITLES.activated);
    // that tab leads on to the code
    await act(() => opened.getByRole('link', { name: 'Entrar com o código', exact: true }).click());
    await expect(opened.getByRole('heading', { level: 1 })).toHaveText(TITLES.code);
    await expect(opened.locator('#code')).toBeFocused();
    // the first tab, thrown away meanwhile, is not stuck either
    tab = await discardAndReturn(tab);
    await tab.at(TITLES.activated);
    console.log(`one phone: ${actions} actions, ${documents} documents, ${((Date.now() - began) / 1000).toFixed(1)} s by script`);
    expect(actions).toBeLessThanOrEqual(12);
  });

  test('what was typed is still there after the tab was thrown away', async ({ world, portal, desk }) => {
    const { secret } = await world.enrolling();
    await portal.open('/habilitar');
    await awake(portal.page);
    await portal.email.pressSequentially('ana.nova@mail.example');
    let tab = await discardAndReturn(portal);
    await awake(tab.page);
    await expect(tab.email).toHaveValue('ana.nova@mail.example');
    // a later word of the server does not undo what was typed since
    await tab.submitEnrolment(await desk.wrongCode(secret), 'ana.nova@mail.example');
    await tab.complains({ code: 'O código não confere. Digite o código que o aplicativo mostra agora.' });
    await tab.email.fill('ana.melhor@mail.example');
    tab = await discardAndReturn(tab);
    await awake(tab.page);
    await expect(tab.email).toHaveValue('ana.melhor@mail.example');
    await expect(tab.code).toHaveValue('');
  });

  test('what the server says since, and what is typed already, is newer than what was kept', async ({ world, portal, desk }) => {
    const { page } = portal;
    const { person, secret } = await world.enrolling();
    await portal.open('/habilitar');
    await awake(page);
    // the suggestion is accepted, and something else has to be mended: the field shows what will be used
    await portal.code.fill(await desk.code(secret));
    await portal.email.pressSequentially(`${person.sigla}@gmial.com`);
    await portal.press('Enviar link de ativação');
    await portal.page.getByRole('radio', { name: `Usar ${person.sigla}@gmail.com` }).check();
    await portal.code.fill('12');
    await portal.press('Enviar link de ativação');
    await portal.complains({ code: 'O código tem 6 dígitos. Digite só os números que o aplicativo mostra.' });
    await expect(portal.email).toHaveValue(`${person.sigla}@gmail.com`);
    // typed while the wasm is still on its way
    await portal.email.fill('ana.antes@mail.example');
    let arrive = () => {};
    const wasm = new Promise<void>((done) => (arrive = done));
    await page.route('**/*.wasm', async (route) => {
      await wasm;
      await route.continue();
    });
    await page.reload();
    await portal.email.fill('ana.depois@mail.example');
    arrive();
    await awake(page);
    await expect(portal.email).toHaveValue('ana.depois@mail.example');
  });

  test('the address of one person is not put into the enrolment of another', async ({ world, portal }) => {
    const { page } = portal;
    await world.enrolling();
    await portal.open('/habilitar');
    await awake(page);
    await portal.email.pressSequentially('ana.nova@mail.example');
    // in another tab of this browser somebody else signs in and begins
    await world.enrolling();
    const tab = await discardAndReturn(portal);
    await tab.at(TITLES.enrol);
    await awake(tab.page);
    await expect(tab.email).toHaveValue('');
  });

  test('the address goes with its page: nothing of it is left for who signs in next', async ({ world, portal }) => {
    const { page } = portal;
    await world.enrolling();
    await portal.open('/habilitar');
    await awake(page);
    await portal.email.fill('ana.nova@mail.example');
    await portal.code.fill('123456');
    const kept = () => page.evaluate(() => Object.values(sessionStorage).join());
    expect(await kept()).toContain('ana.nova@mail.example');
    expect(await kept()).not.toContain('123456');
    await portal.press('Cancelar');
    await portal.at(TITLES.signIn);
    expect(await kept()).not.toContain('ana.nova');
    // by a document too
    await world.signedIn();
    await portal.open('/habilitar/aviso');
    await portal.press('Prosseguir');
    await portal.at(TITLES.enrol);
    await expect(portal.email).toHaveValue('');
    await portal.email.fill('ana.outra@mail.example');
    await portal.open('/privacidade');
    await awake(page);
    expect(await kept()).not.toContain('ana.outra');
  });

  test('back from the app the code has the focus, and only then', async ({ world, portal }) => {
    const { page } = portal;
    await world.enrolling();
    await portal.open('/habilitar');
    await awake(page);
    await comeBack(page);
    await expect(portal.code).not.toBeFocused();
    await portal.link('Abrir no aplicativo autenticador').click();
    await comeBack(page);
    await expect(portal.code).toBeFocused();
    await expect(portal.code).toBeInViewport({ ratio: 1 });
    await page.locator('h1').click();
    await comeBack(page);
    await expect(portal.code).not.toBeFocused();
    // no app answered, and the person went on by hand
    await portal.link('Abrir no aplicativo autenticador').click();
    await portal.code.fill('12');
    await portal.email.click();
    await comeBack(page);
    await expect(portal.email).toBeFocused();
  });
});
