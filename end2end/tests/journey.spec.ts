// The manual from the first page to the last, as a person goes through it.
import { expect, test } from '../fixtures';
import { TITLES } from '../support/portal';
import { decodeQr, secretOf } from '../support/qr';

test('from the sign-in page to the activation, and in with the code', async ({ world, portal, desk }) => {
  const { page } = portal;
  const person = await world.newPerson({ stm: 'same' });

  await portal.open();
  await portal.signIn(person, 'Autenticação em dois fatores');
  await portal.at(TITLES.notice);
  await portal.press('Prosseguir');

  await portal.at(TITLES.enrol);
  const uri = await decodeQr(page);
  const secret = secretOf(uri);
  expect(secret).toMatch(/^[A-Z2-7]{32}$/);
  expect(decodeURIComponent(uri)).toContain(`e-Proc/JMU:${person.sigla}`);
  await portal.submitEnrolment(await desk.code(secret), person.email);

  await portal.at(TITLES.mailSent);
  await portal.says(`Aguardando a confirmação em ${person.email}`);
  const mail = await world.mailbox.take(person.email);
  expect(mail.subject).toBe('Falta confirmar a autenticação em dois fatores no e-Proc/JMU');
  expect(new URL(mail.link).origin).toBe(portal.base);

  // the link, in a browser that was never here
  const phone = await world.otherBrowser();
  await phone.open(mail.link);
  await phone.at(TITLES.link);
  await expect(phone.page.getByText(`Ana (${person.sigla}), `)).toBeVisible();
  await phone.press('Confirmar');
  await phone.at(TITLES.activated);
  await phone.says('Sincronização realizada com sucesso em STM');

  // the page left open goes on; a mail says so
  await portal.waits('Já confirmei', () => portal.at(TITLES.activated));
  await portal.says('Sincronização realizada com sucesso em STM');
  expect((await world.mailbox.take(person.email)).subject).toBe('Autenticação em dois fatores ativada no e-Proc/JMU');

  await desk.clock(30);
  await portal.open();
  await portal.signIn(person);
  await portal.at(TITLES.code);
  await portal.enterCode(await desk.code(secret));
  await portal.at('Bem-vindo(a), Ana Souza');
  await portal.says('Você entrou no e-Proc/JMU.');

  // one entry of the app serves STM too
  const stm = await world.otherBrowser(world.demo.stm);
  await stm.open();
  await stm.signIn(person);
  await stm.at(TITLES.code);
  await stm.enterCode(await desk.nextCode(secret));
  await stm.at('Bem-vindo(a), Ana Souza');

  await portal.press('Sair');
  await portal.at(TITLES.signIn);
  await portal.open('/inicio');
  await portal.at(TITLES.signIn);
});

test('the page that confirms goes on to the code where the enrolment began', async ({ world, portal, desk }) => {
  const { secret, link } = await world.mailed();
  await portal.open(link);
  await portal.press('Confirmar');
  await portal.follow('Entrar com o código');
  await portal.at(TITLES.code);
  await portal.enterCode(await desk.nextCode(secret));
  await portal.at(TITLES.home);
});

test('the second-factor button of somebody active leads over the code to the account', async ({ world, portal, desk }) => {
  const { person, secret } = await world.active();
  await portal.open();
  await portal.signIn(person, 'Autenticação em dois fatores');
  await portal.at(TITLES.code);
  await portal.enterCode(await desk.nextCode(secret));
  await portal.at(TITLES.account);
});

test('opening the link changes nothing', async ({ world, portal, request }) => {
  const { link } = await world.mailed();
  await request.get(link);
  await request.head(link);
  await portal.open('/habilitar/email-enviado');
  await portal.at(TITLES.mailSent);
  await portal.open(link);
  await portal.at(TITLES.link);
});

test('the keyboard alone is enough', { tag: '@once' }, async ({ world, portal, desk }) => {
  const { page } = portal;
  const person = await world.newPerson();
  const tabTo = async (name: string | RegExp) => {
    const focused = () => page.evaluate(() => document.activeElement?.textContent?.trim() || document.activeElement?.id || '');
    for (let presses = 0; presses < 40; presses++) {
      await page.keyboard.press('Tab');
      const now = await focused();
      if (typeof name === 'string' ? now === name : name.test(now)) return;
    }
    throw new Error(`Tab does not reach ${name}`);
  };
  const type = async (field: string, text: string) => {
    await tabTo(new RegExp(`^${field}$`));
    await page.keyboard.type(text);
  };
  await portal.open();
  await page.keyboard.press('Tab');
  await expect(portal.link('Ir para o conteúdo')).toBeFocused();
  await type('login', person.sigla);
  await type('password', 'cavalo certo bateria grampo');
  await tabTo('Autenticação em dois fatores');
  await page.keyboard.press('Enter');
  await portal.at(TITLES.notice);
  await tabTo('Prosseguir');
  await page.keyboard.press('Space');
  await portal.at(TITLES.enrol);
  const secret = secretOf(await decodeQr(page));
  await type('code', await desk.code(secret));
  await type('email', person.email);
  await page.keyboard.press('Enter');
  await portal.at(TITLES.mailSent);
  await portal.open((await world.mailbox.take(person.email)).link);
  await tabTo('Confirmar');
  await page.keyboard.press('Enter');
  await portal.at(TITLES.activated);
  await tabTo('Entrar com o código');
  await page.keyboard.press('Enter');
  await portal.at(TITLES.code);
  await expect(portal.code).toBeFocused();
  await page.keyboard.type(await desk.nextCode(secret));
  await page.keyboard.press('Enter');
  await portal.at(TITLES.home);
  await tabTo('Sair');
  await page.keyboard.press('Enter');
  await portal.at(TITLES.signIn);
});

test('everything works with the wasm blocked', { tag: '@once' }, async ({ world, portal, desk, complaints }) => {
  complaints.allow(/Failed to load resource: net::ERR_FAILED|preloaded using link preload/);
  const { page } = portal;
  await page.route('**/*.wasm', (route) => route.abort());
  const person = await world.newPerson();
  await portal.open();
  await portal.signIn(person, 'Autenticação em dois fatores');
  await portal.press('Prosseguir');
  const secret = secretOf(await decodeQr(page));
  await portal.submitEnrolment(await desk.code(secret), person.email);
  await portal.at(TITLES.mailSent);
  const phone = await world.otherBrowser();
  await phone.open((await world.mailbox.take(person.email)).link);
  await phone.press('Confirmar');
  await phone.at(TITLES.activated);
  await portal.follow('Já confirmei');
  await portal.at(TITLES.activated);
  await portal.follow('Entrar com o código');
  await portal.enterCode(await desk.nextCode(secret));
  await portal.at(TITLES.home);
});
