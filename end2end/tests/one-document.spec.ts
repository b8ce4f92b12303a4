// The whole journey in one document: with every refusal on the way, one request a step, and nothing that moves under the eyes.
import { expect, test } from '../fixtures';
import { expectNoViolation } from '../support/axe';
import { Watch, measured, measureFrom } from '../support/document';
import { awake, TITLES } from '../support/portal';
import { decodeQr, secretOf } from '../support/qr';

test.describe('one document', { tag: '@js' }, () => {
  test('from the sign-in page to home after an enrolment, every refusal on the way', async ({ world, portal, desk }, info) => {
    const { page } = portal;
    const watch = new Watch(page);
    const person = await world.newPerson({ stm: 'same' });
    await portal.open();
    await awake(page);
    await page.evaluate(() => Object.assign(window, { mark: 'kept' }));
    await measureFrom(page);
    const refused = (problems: Parameters<typeof portal.complains>[0]) => () => portal.complains(problems);
    const at = (title: string) => () => portal.at(title);

    await watch.step(() => portal.press('Entrar'), refused({ login: 'Digite o seu usuário.', password: 'Digite a sua senha.' }));
    await watch.step(
      () => portal.signIn(person, 'Entrar', 'outra senha'),
      refused({ login: 'Usuário ou senha não conferem. Tente de novo ou use “Esqueci minha senha”.' }),
    );
    await watch.step(() => portal.signIn(person, 'Autenticação em dois fatores'), at(TITLES.notice));
    await watch.step(() => portal.press('Prosseguir'), at(TITLES.enrol));
    expect(new URL(page.url()).pathname).toBe('/habilitar');
    const secret = secretOf(await decodeQr(page));
    await watch.step(
      () => portal.submitEnrolment('12345', 'ana@stm.jus.br'),
      refused({
        code: 'O código tem 6 dígitos. Digite só os números que o aplicativo mostra.',
        email: 'Endereços terminados em jus.br não são aceitos. Informe um e-mail particular.',
      }),
    );
    await watch.step(
      async () => portal.submitEnrolment(await desk.wrongCode(secret), person.email),
      refused({ code: 'O código não confere. Digite o código que o aplicativo mostra agora.' }),
    );
    expect(secretOf(await decodeQr(page))).toBe(secret);
    await watch.step(async () => portal.submitEnrolment(await desk.code(secret), person.email), at(TITLES.mailSent));
    await watch.step(() => portal.press('Enviar novo e-mail'), async () => expect(page.getByRole('alert')).toBeFocused());
    await watch.step(() => portal.follow('Corrigir o endereço'), at(TITLES.changeAddress));
    await watch.step(() => portal.follow('Voltar'), at(TITLES.mailSent));

    const { link } = await world.mailbox.take(person.email, 'Falta confirmar');
    const phone = await world.otherBrowser();
    await phone.open(link);
    await phone.press('Confirmar');
    await phone.at(TITLES.activated);
    // goes on by itself
    await portal.at(TITLES.activated);
    await portal.says('Sincronização realizada com sucesso em STM');
    await watch.step(() => portal.follow('Entrar com o código'), at(TITLES.code));
    await watch.step(
      async () => portal.enterCode(await desk.wrongCode(secret)),
      refused({ code: 'O código não confere. Digite o código que o aplicativo mostra agora.' }),
    );
    await watch.step(async () => portal.enterCode(await desk.nextCode(secret)), at(TITLES.home));
    await watch.step(() => portal.follow('Segurança da conta'), at(TITLES.account));
    await watch.step(() => portal.follow('Voltar ao início'), at(TITLES.home));

    expect(await page.evaluate(() => (window as unknown as { mark?: string }).mark)).toBe('kept');
    expect(watch.documents).toBe(1);
    const { shifts, longest } = await measured(page);
    expect(shifts, 'nothing moves').toEqual([]);
    info.annotations.push({ type: 'longest task', description: `${Math.round(longest)} ms` });
    await watch.step(() => portal.press('Sair'), at(TITLES.signIn));
    expect(watch.documents).toBe(1);
  });

  test('axe finds nothing after each move', { tag: '@once' }, async ({ world, portal, desk }) => {
    test.slow();
    const { page } = portal;
    await page.emulateMedia({ reducedMotion: 'reduce' });
    const watch = new Watch(page);
    const sound = async () => {
      await expectNoViolation(page, 'light');
      await expectNoViolation(page, 'dark');
    };
    const person = await world.newPerson({ siglaIsCpf: true });
    await portal.open();
    await awake(page);
    await portal.press('Entrar');
    await expect(page.getByRole('alert')).toBeFocused();
    await sound();
    await portal.signIn(person, 'Autenticação em dois fatores');
    await portal.at(TITLES.notice);
    await sound();
    await portal.press('Prosseguir');
    await portal.at(TITLES.enrol);
    await sound();
    const secret = secretOf(await decodeQr(page));
    await portal.submitEnrolment('1', 'ana@gmial.com');
    await expect(page.getByRole('alert')).toBeFocused();
    await sound();
    await portal.submitEnrolment(await desk.code(secret), person.email);
    await portal.at(TITLES.mailSent);
    await sound();
    const phone = await world.otherBrowser();
    await phone.open((await world.mailbox.take(person.email, 'Falta confirmar')).link);
    await phone.press('Confirmar');
    await phone.at(TITLES.activated);
    await portal.at(TITLES.activated);
    await portal.says('Não possui cadastro no destino');
    await sound();
    await portal.follow('Entrar com o código');
    await portal.at(TITLES.code);
    await sound();
    await portal.enterCode(await desk.nextCode(secret));
    await portal.at(TITLES.home);
    await sound();
    await portal.press('English');
    await expect(page.locator('html')).toHaveAttribute('lang', 'en');
    await sound();
    await portal.follow('Privacy');
    await expect(page).toHaveTitle('Privacy · e-Proc/JMU');
    await sound();
    expect(watch.documents).toBe(1);
  });

  test('title, language, focus and scroll are as of a document', async ({ world, portal }) => {
    const { page } = portal;
    const watch = new Watch(page);
    await world.home();
    await portal.open('/inicio');
    await awake(page);
    await portal.at(TITLES.home);
    await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
    await portal.follow('Privacidade');
    await portal.at('Privacidade');
    await expect(page).toHaveTitle('Privacidade · e-Proc/JMU');
    await expect(page.getByRole('heading', { level: 1 })).toBeFocused();
    expect(await page.evaluate(() => scrollY)).toBe(0);
    await portal.press('English');
    await expect(page.locator('html')).toHaveAttribute('lang', 'en');
    await expect(page).toHaveTitle('Privacy · e-Proc/JMU');
    await expect(page.getByRole('heading', { level: 1 })).toBeFocused();
    await expect(page.getByRole('link', { name: 'Skip to content' })).toBeAttached();
    await expect(page.getByRole('button', { name: 'Português' })).toBeVisible();
    await page.getByRole('button', { name: 'Português' }).click();
    await expect(page).toHaveTitle('Privacidade · e-Proc/JMU');
    expect(watch.documents).toBe(1);
  });

  test('Back and Forward move in the document, and scroll back to where one was', async ({ world, portal }) => {
    const { page } = portal;
    await world.mailed();
    const watch = new Watch(page);
    await portal.open('/habilitar/email-enviado');
    await awake(page);
    await page.setViewportSize({ width: 360, height: 400 });
    const link = portal.link('Privacidade');
    await link.scrollIntoViewIfNeeded();
    const scrolled = await page.evaluate(() => scrollY);
    expect(scrolled).toBeGreaterThan(100);
    await link.click();
    await portal.at('Privacidade');
    expect(await page.evaluate(() => scrollY)).toBe(0);
    await page.goBack();
    await portal.at(TITLES.mailSent);
    await expect.poll(() => page.evaluate(() => scrollY)).toBe(scrolled);
    await portal.follow('Corrigir o endereço');
    await portal.at(TITLES.changeAddress);
    await page.goBack();
    await portal.at(TITLES.mailSent);
    await page.goForward();
    await portal.at(TITLES.changeAddress);
    expect(new URL(page.url()).pathname).toBe('/habilitar/corrigir-email');
    // a place inside the page is no page
    await page.evaluate(() => (location.hash = '#main'));
    await page.goBack();
    await portal.at(TITLES.changeAddress);
    expect(watch.documents).toBe(1);
    expect(watch.steps).toHaveLength(5);
  });

  test('Back into a page whose enrolment ended shows what there is now', async ({ world, portal, desk }) => {
    const { page } = portal;
    const { person, secret } = await world.enrolling();
    const watch = new Watch(page);
    await portal.open('/habilitar');
    await awake(page);
    await portal.submitEnrolment(await desk.code(secret), person.email);
    await portal.at(TITLES.mailSent);
    await page.goBack();
    await expect.poll(() => new URL(page.url()).pathname).toBe('/habilitar/email-enviado');
    await portal.at(TITLES.mailSent);
    expect(await page.content()).not.toContain(secret);
    await portal.press('Cancelar');
    await portal.at(TITLES.signIn);
    await page.goBack();
    await portal.at(TITLES.signIn);
    expect(watch.documents).toBe(1);
  });

  test('islands end with their page: no question is asked for a page that was left', { tag: '@once' }, async ({ world, portal }) => {
    const { page } = portal;
    await world.mailed();
    const watch = new Watch(page);
    await portal.open('/privacidade');
    await awake(page);
    for (let round = 0; round < 3; round++) {
      await page.goto(`${portal.base}/habilitar/email-enviado`);
      await awake(page);
      await portal.follow('Corrigir o endereço');
      await portal.at(TITLES.changeAddress);
      await portal.follow('Voltar');
      await portal.at(TITLES.mailSent);
      await expect.poll(() => watch.questions.length, 'the page that is there asks').toBeGreaterThan(round);
    }
    // three pages were left by then; one asks
    await portal.follow('Privacidade');
    await portal.at('Privacidade');
    const asked = watch.questions.length;
    await page.waitForTimeout(6_000);
    expect(watch.questions.length).toBe(asked);
  });

  test('a language change keeps what was typed', async ({ world, portal }) => {
    const { page } = portal;
    await world.enrolling();
    await portal.open('/habilitar');
    await awake(page);
    await portal.code.fill('123');
    await portal.email.fill('ana@mail.exam');
    await portal.press('English');
    await expect(page.locator('html')).toHaveAttribute('lang', 'en');
    await expect(portal.code).toHaveValue('123');
    await expect(portal.email).toHaveValue('ana@mail.exam');
    await expect(page.getByRole('button', { name: 'Português' })).toBeVisible();
  });

  test('a session that ended shows the sign-in page', async ({ world, portal, desk }) => {
    const { page } = portal;
    await world.home();
    const watch = new Watch(page);
    await portal.open('/inicio');
    await awake(page);
    await desk.clock(31 * 60);
    await portal.follow('Segurança da conta');
    await portal.at(TITLES.signIn);
    expect(new URL(page.url()).pathname).toBe('/');
    expect(watch.documents).toBe(1);
  });

  test('links elsewhere, with a key held, or to a place in the page are the browser’s', { tag: '@once' }, async ({ portal }) => {
    const { page } = portal;
    const watch = new Watch(page);
    await portal.open();
    await awake(page);
    const popup = page.context().waitForEvent('page');
    await portal.link('Privacidade').click({ modifiers: ['ControlOrMeta'] });
    await (await popup).close();
    await portal.press('Entrar');
    const summary = page.getByRole('alert');
    await summary.getByRole('link', { name: 'Digite a sua senha.' }).click();
    await expect(page.locator('#password')).toBeFocused();
    expect(new URL(page.url()).hash).toBe('#password');
    expect(watch.steps).toEqual(['POST /api/sign-in']);
    expect(watch.documents).toBe(1);
  });
});
